-- Where a contributor wants to be told of work while no page of ours is open: addresses of push services, which each browser
-- gives to us alone (RFC 8030), and what a message to it is encrypted with (RFC 8291).
create table notice_addresses (
  endpoint text primary key,
  contributor integer not null references contributors,
  public_key bytea not null check (length(public_key) = 65),
  secret bytea not null check (length(secret) = 16),
  -- Markets that had work when we last looked, 16 bytes each; null before the first look.
  known bytea check (length(known) % 16 = 0),
  looked_at_ms bigint not null,
  -- Told, or tried to tell.
  tried_at_ms bigint not null,
  failures integer not null default 0
);
create index notice_addresses_contributor on notice_addresses (contributor);
create index notice_addresses_looked on notice_addresses (looked_at_ms);
