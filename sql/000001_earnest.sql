-- The log of every lane, the money of every lane and contributor, and what the API needs to answer. Amounts are base
-- units (a u64, hence numeric); times are milliseconds since 1970; hashes and keys are 32 bytes.

-- Facts about this deployment, set once: the network's key, the chain, the token.
create table settings (
  name text primary key,
  value text not null
);

-- A contributor is a key; its number is assigned once and never moves.
create table contributors (
  contributor integer generated always as identity primary key,
  key bytea not null unique check (length(key) = 32),
  owner bytea not null check (length(owner) = 32),
  automated boolean not null,
  facts text not null,
  created_at_ms bigint not null
);

-- Keys of requesters and agents; only hashes are stored.
create table api_keys (
  hash bytea primary key,
  id text not null unique,
  owner bytea not null check (length(owner) = 32),
  mode text not null check (mode in ('test', 'live')),
  name text not null,
  created_at_ms bigint not null,
  revoked_at_ms bigint
);

-- Sign-in challenges, each used once.
create table challenges (
  nonce text primary key,
  expires_at_ms bigint not null
);

create table sessions (
  hash bytea primary key,
  contributor integer not null references contributors,
  session_key bytea not null check (length(session_key) = 32),
  expires_at_ms bigint not null,
  revoked_at_ms bigint,
  -- The sign-in text that authorised it, and the contributor's signature of that: each log that it works in holds both.
  text text not null,
  signature bytea not null
);

create table markets (
  market bytea primary key check (length(market) = 16),
  owner bytea not null check (length(owner) = 32),
  title text not null,
  kind text not null,
  spec text not null,
  spec_hash bytea not null,
  refund_to text not null,
  -- The account on chain that holds its money, once that was seen.
  escrow bytea,
  escrow_opened_at bigint,
  -- A prepaid balance is a standing market of its owner, until it is closed; then there is room for the next one.
  standing boolean not null,
  created_at_ms bigint not null
);
create unique index markets_standing on markets (owner) where standing;
create index markets_owner on markets (owner, created_at_ms);

-- The head of each lane: whoever commits holds its row.
create table lanes (
  market bytea not null references markets,
  lane smallint not null,
  sequence bigint not null,
  head bytea not null,
  time_ms bigint not null,
  -- When the sweeper should write the time, or null.
  due_at_ms bigint,
  status text not null,
  epoch bigint not null,
  checkpoint bigint not null,
  deposited numeric(20) not null,
  received numeric(20) not null,
  free numeric(20) not null,
  assigned numeric(20) not null,
  held numeric(20) not null,
  appealable numeric(20) not null,
  appeal_budget numeric(20) not null,
  newcomer_budget numeric(20) not null,
  earned numeric(20) not null,
  bonus numeric(20) not null,
  fee numeric(20) not null,
  refunded numeric(20) not null,
  sent numeric(20) not null,
  -- The entry of the newest cut; a lane that went on wants another one.
  cut_sequence bigint not null default 0,
  primary key (market, lane),
  check (
    deposited + received = free + assigned + held + appealable + appeal_budget + newcomer_budget
      + earned + bonus + fee + refunded + sent
  )
);
create index lanes_due on lanes (due_at_ms) where due_at_ms is not null;

-- Insert-only. The attachment is what the entry commits to by hash: a submission's body, the answers of control tasks.
create table entries (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  encoded bytea not null,
  attachment bytea,
  primary key (market, lane, sequence)
);

-- The whole state of a lane at a sequence, so that a start reads only what came after.
create table checkpoints (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  hash bytea not null,
  state bytea not null,
  primary key (market, lane, sequence)
);

-- The server's signature over the head of each batch: what an acknowledgement rests on.
create table heads (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  root bytea not null,
  time_ms bigint not null,
  signature bytea not null,
  primary key (market, lane, sequence)
);

-- What a contributor earned in a lane. Lanes never contend for a row; a contributor's balance is the sum.
create table balances (
  contributor integer not null,
  market bytea not null,
  lane smallint not null,
  released numeric(20) not null,
  held numeric(20) not null,
  -- Where the contributor wants to be paid instead of at its key, as the lane's log has it.
  paying_number bigint,
  paying_wallet bytea,
  primary key (contributor, market, lane)
);
-- A cut asks who earned in its lane.
create index balances_lane on balances (market, lane);

-- What contributors see of a task; verdicts depend on the log alone.
create table tasks (
  market bytea not null,
  lane smallint not null,
  task bigint not null,
  external_id text not null,
  content text not null,
  hash bytea not null,
  primary key (market, lane, task)
);
create unique index tasks_external_id on tasks (market, external_id);

-- Tasks on their way in: an import streams here and moves into `tasks` whole, or not at all. Unlogged, since a crash
-- ends the import anyway.
create unlogged table staged_tasks (
  import bytea not null,
  place bigint not null,
  external_id text not null,
  content text not null,
  hash bytea not null,
  terms text,
  control text,
  staged_at_ms bigint not null,
  primary key (import, place)
);

-- A projection of the log for questions by task and by contributor: one row for each slot that has a verdict.
create table verdicts (
  market bytea not null,
  lane smallint not null,
  task bigint not null,
  ordinal smallint not null,
  contributor integer not null,
  state text not null,
  reason text,
  reward numeric(20) not null,
  body_hash bytea not null,
  submitted_sequence bigint not null,
  decided_sequence bigint not null,
  -- Every entry that ruled on the slot, in order: what a receipt has to show.
  sequences bigint[] not null,
  decided_at_ms bigint not null,
  primary key (market, lane, task, ordinal)
);
create index verdicts_contributor on verdicts (contributor, decided_at_ms);

-- Where a lane's log says what a receipt needs besides: when a contributor joined, and with which batch tasks came (by
-- the first of them).
create table landmarks (
  market bytea not null,
  lane smallint not null,
  kind text not null check (kind in ('joined', 'batch')),
  number bigint not null,
  sequence bigint not null,
  primary key (market, lane, kind, number)
);

-- The label of each settled task.
create table results (
  market bytea not null,
  lane smallint not null,
  task bigint not null,
  label jsonb not null,
  confidence_ppm integer not null,
  decided boolean not null,
  sequence bigint not null,
  settled_at_ms bigint not null,
  primary key (market, lane, task)
);

-- Finalized deposits, each credited to its market once.
create table deposits (
  signature text not null,
  market bytea not null,
  amount numeric(20) not null,
  credited_at_ms bigint not null,
  primary key (signature, market)
);

-- Answers to requests that carried an idempotency key.
create table idempotency_keys (
  scope bytea not null,
  key text not null,
  request_hash bytea not null,
  status smallint not null,
  response text not null,
  created_at_ms bigint not null,
  primary key (scope, key)
);
create index idempotency_keys_age on idempotency_keys (created_at_ms);

-- Stretches of all lanes, numbered by the database: two processes never cut the same one.
create table epochs (
  epoch bigint generated always as identity primary key,
  cut_at_ms bigint not null
);

-- The newest cut of each lane: what settlement counts of it.
create table cuts (
  market bytea not null,
  lane smallint not null,
  epoch bigint not null references epochs,
  size bigint not null,
  root bytea not null,
  time_ms bigint not null,
  closed boolean not null,
  deposited numeric(20) not null,
  allocated numeric(20) not null,
  fee numeric(20) not null,
  primary key (market, lane),
  foreign key (market, lane) references lanes
);
create index cuts_epoch on cuts (epoch);

-- What contributors had in a lane at its newest cut; `epoch` says when that last changed.
create table shares (
  contributor integer not null,
  market bytea not null,
  lane smallint not null,
  epoch bigint not null,
  released numeric(20) not null,
  held numeric(20) not null,
  paying_number bigint,
  paying_wallet bytea,
  primary key (contributor, market, lane)
);
create index shares_lane on shares (market, lane, epoch);

-- Commit messages, stored before anybody signs; while one may still land there is no other.
create table commits (
  digest bytea primary key check (length(digest) = 32),
  -- The chain's count of commits.
  epoch bigint not null,
  message bytea not null,
  -- Until the roots are of no more use.
  leaf_file bytea,
  state text not null check (state in ('proposed', 'committed', 'expired')),
  proposed_at_ms bigint not null,
  committed_at_ms bigint
);
alter table commits alter leaf_file set storage external;
create unique index commits_proposed on commits ((true)) where state = 'proposed';
create index commits_newest on commits (epoch desc, proposed_at_ms desc);

create table commit_signatures (
  digest bytea not null references commits,
  key bytea not null check (length(key) = 32),
  signature bytea not null check (length(signature) = 64),
  primary key (digest, key)
);

-- Why attestors did not sign: the last that each said.
create table commit_outcomes (
  digest bytea not null references commits,
  key bytea not null check (length(key) = 32),
  outcome text not null check (outcome in ('abstain', 'refuse')),
  code text not null,
  place text not null,
  what text not null,
  signature bytea not null,
  primary key (digest, key)
);

-- What the chain was seen to have paid of each leaf (that of the operator is number 0), and whose token account is paid
-- for: once ever, also where it is closed again.
create table claims (
  contributor integer primary key,
  claimed numeric(20) not null default 0,
  sponsored text check (sponsored in ('granted', 'made')),
  sponsored_at_ms bigint,
  sponsored_lamports numeric(20)
);
create index claims_sponsored on claims (sponsored_at_ms) where sponsored is not null;
