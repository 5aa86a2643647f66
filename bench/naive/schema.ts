/** What a careful team would begin with: a row for each thing, keys and indexes for every question, checks on money. */
export const schema = `
create table contributors (
  contributor integer generated always as identity primary key,
  key bytea not null unique
);
create table sessions (
  hash bytea primary key,
  contributor integer not null references contributors,
  session_key bytea not null,
  expires_at timestamptz not null
);
create table markets (
  market bytea primary key,
  reward bigint not null,
  fee bigint not null,
  overlap smallint not null,
  lease interval not null,
  free bigint not null check (free >= 0),
  held bigint not null check (held >= 0),
  earned bigint not null,
  fees bigint not null
);
create table tasks (
  market bytea not null references markets,
  task integer not null,
  content text not null,
  taken smallint not null default 0 check (taken <= 3),
  label text,
  primary key (market, task)
);
create index tasks_open on tasks (market, task) where label is null and taken < 3;
create table slots (
  market bytea not null,
  task integer not null,
  ordinal smallint not null,
  contributor integer not null references contributors,
  state text not null check (state in ('assigned', 'held', 'accepted', 'rejected', 'expired')),
  expires_at timestamptz not null,
  body text,
  body_hash bytea,
  signature bytea,
  submitted_at timestamptz,
  reward bigint not null default 0,
  primary key (market, task, ordinal),
  foreign key (market, task) references tasks
);
create unique index slots_owner on slots (market, task, contributor) where state <> 'expired';
create index slots_open on slots (contributor, market) where state = 'assigned';
create index slots_due on slots (expires_at) where state = 'assigned';
create table balances (
  contributor integer primary key references contributors,
  earned bigint not null
);
create table transfers (
  transfer bigint generated always as identity primary key,
  market bytea not null,
  task integer not null,
  ordinal smallint not null,
  contributor integer not null,
  amount bigint not null,
  posted_at timestamptz not null default now(),
  unique (market, task, ordinal)
);
`;
