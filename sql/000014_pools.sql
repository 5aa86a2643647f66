--! breaking
-- A network pays in several tokens, and has a pool of each. The home pool has the number 0: of it is what there was before.
create table pools (
  number smallint primary key check (number > 0),
  mint text not null unique,
  -- Who asked the network to pay in it.
  owner bytea not null check (length(owner) = 32),
  -- Of a token that the network issues: what, and the seed of the mint's own key, which signs once. Whoever finds the row
  -- can finish it.
  symbol text,
  terms text,
  seed bytea check (length(seed) = 32),
  asked_at_ms bigint not null,
  -- Null until it is on chain.
  opened_at_ms bigint,
  check ((symbol is null) = (terms is null) and (symbol is null) = (seed is null))
);
create unique index pools_issued on pools (owner, symbol) where symbol is not null;
create index pools_asked on pools (asked_at_ms);

alter table markets add column pool smallint not null default 0;
alter table epochs add column pool smallint not null default 0;
create index epochs_newest on epochs (pool, epoch desc);
alter table commits add column pool smallint not null default 0;
drop index commits_newest;
drop index commits_proposed;
create index commits_newest on commits (pool, epoch desc, proposed_at_ms desc);
create unique index commits_proposed on commits (pool) where state = 'proposed';
alter table claims add column pool smallint not null default 0;
alter table claims drop constraint claims_pkey;
alter table claims add primary key (pool, contributor);
create index claims_contributor on claims (contributor);
alter table withdrawals add column pool smallint not null default 0;
