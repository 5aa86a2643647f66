-- What gateways measured of nodes: kept, so that a restart forgives nobody, and shared by all gateways of a network.
create table node_standings (
  key bytea primary key check (length(key) = 32),
  -- Since the last session that went well.
  strikes integer not null,
  -- Not let in before.
  demoted_until_ms bigint not null,
  -- That went well.
  sessions bigint not null,
  noted_at_ms bigint not null
);
create index node_standings_noted on node_standings (noted_at_ms);
