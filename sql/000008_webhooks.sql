-- Where requesters are told of what happens in their markets. What is told is the log itself: nothing of it is copied here.
create table webhooks (
  id text primary key,
  owner bytea not null check (length(owner) = 32),
  url text not null,
  -- Its requester knows it too: what both sign with cannot be kept as a hash.
  secret bytea not null check (length(secret) = 32),
  -- Entries of these kinds are told of.
  kinds text[] not null check (cardinality(kinds) > 0),
  created_at_ms bigint not null,
  -- Told of up to here, in a row: what failed is tried again before anything else.
  failures integer not null default 0,
  next_try_at_ms bigint not null,
  -- Failed too often; nothing is lost, and it goes on where it stopped.
  stopped_at_ms bigint
);
create index webhooks_owner on webhooks (owner);
create index webhooks_due on webhooks (next_try_at_ms) where stopped_at_ms is null;

-- How far a log is in messages. Without a row: from its beginning.
create table webhook_positions (
  webhook text not null references webhooks on delete cascade,
  market bytea not null,
  sequence bigint not null,
  primary key (webhook, market)
);

-- A range of a log that is told in one request; its text is read from there each time.
create table webhook_messages (
  number bigint generated always as identity primary key,
  id text not null unique,
  webhook text not null references webhooks on delete cascade,
  -- Null: a trial, which tells of nothing.
  market bytea,
  first bigint,
  last bigint,
  created_at_ms bigint not null,
  -- Null while it waits.
  taken_at_ms bigint
);
create index webhook_messages_webhook on webhook_messages (webhook, number);
create index webhook_messages_waiting on webhook_messages (webhook, number) where taken_at_ms is null;

create table webhook_tries (
  message bigint not null references webhook_messages on delete cascade,
  at_ms bigint not null,
  duration_ms integer not null,
  -- What was answered; null where nobody did.
  status integer,
  problem text
);
create index webhook_tries_message on webhook_tries (message);

-- What programs asked with API keys, for those who write them: the newest of each owner.
create table requests (
  owner bytea not null,
  at_ms bigint not null,
  id text not null,
  api_key text not null,
  operation text not null,
  method text not null,
  path text not null,
  status integer not null,
  duration_ms integer not null,
  -- Of the error; null where there was none.
  code text
);
create index requests_owner on requests (owner, at_ms);
