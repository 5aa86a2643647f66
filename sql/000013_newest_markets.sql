-- Markets are listed from the newest on, of everybody too.
create index markets_newest on markets (created_at_ms, market);
