-- Made by `npm run generate` from the migrations beside it. Never edit it.

create table api_keys (
  hash bytea not null,
  id text not null,
  owner bytea not null,
  mode text not null,
  name text not null,
  created_at_ms bigint not null,
  revoked_at_ms bigint
);

create table balances (
  contributor integer not null,
  market bytea not null,
  lane smallint not null,
  released numeric(20,0) not null,
  held numeric(20,0) not null,
  paying_number bigint,
  paying_wallet bytea,
  sequence bigint not null
) with (fillfactor=50);

create table challenges (
  nonce text not null,
  expires_at_ms bigint not null
);

create table checkpoints (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  hash bytea not null,
  state bytea not null
);

create table claims (
  contributor integer not null,
  claimed numeric(20,0) not null default 0,
  sponsored text,
  sponsored_at_ms bigint,
  sponsored_lamports numeric(20,0),
  pool smallint not null default 0
) with (fillfactor=40);

create table commit_outcomes (
  digest bytea not null,
  key bytea not null,
  outcome text not null,
  code text not null,
  place text not null,
  what text not null,
  signature bytea not null
);

create table commit_signatures (
  digest bytea not null,
  key bytea not null,
  signature bytea not null
);

create table commits (
  digest bytea not null,
  epoch bigint not null,
  message bytea not null,
  leaf_file bytea storage external,
  state text not null,
  proposed_at_ms bigint not null,
  committed_at_ms bigint,
  pool smallint not null default 0
);

create table contributors (
  contributor integer not null generated always as identity,
  key bytea not null,
  owner bytea not null,
  automated boolean not null,
  facts text not null,
  created_at_ms bigint not null
);

create table cuts (
  market bytea not null,
  lane smallint not null,
  epoch bigint not null,
  size bigint not null,
  root bytea not null,
  time_ms bigint not null,
  closed boolean not null,
  deposited numeric(20,0) not null,
  allocated numeric(20,0) not null,
  fee numeric(20,0) not null
);

create table deposits (
  signature text not null,
  market bytea not null,
  amount numeric(20,0) not null,
  credited_at_ms bigint not null
);

create table entries (
  market bytea not null,
  lane smallint not null,
  last bigint not null,
  encoded bytea[] storage main not null,
  attachments bytea[] storage main
) with (toast_tuple_target=128);

create table epochs (
  epoch bigint not null generated always as identity,
  cut_at_ms bigint not null,
  pool smallint not null default 0
);

create table heads (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  root bytea not null,
  time_ms bigint not null,
  signature bytea not null
);

create table idempotency_keys (
  scope bytea not null,
  key text not null,
  request_hash bytea not null,
  status smallint not null,
  response text not null,
  created_at_ms bigint not null
);

create unlogged table imports (
  owner bytea not null,
  key text not null,
  staged text not null,
  count integer not null,
  mark text,
  runs text,
  turn integer not null
);

create table landmarks (
  market bytea not null,
  lane smallint not null,
  kind text not null,
  number bigint not null,
  sequence bigint not null
);

create table lanes (
  market bytea not null,
  lane smallint not null,
  sequence bigint not null,
  head bytea not null,
  time_ms bigint not null,
  due_at_ms bigint,
  status text not null,
  epoch bigint not null,
  checkpoint bigint not null,
  deposited numeric(20,0) not null,
  received numeric(20,0) not null,
  free numeric(20,0) not null,
  assigned numeric(20,0) not null,
  held numeric(20,0) not null,
  appealable numeric(20,0) not null,
  appeal_budget numeric(20,0) not null,
  newcomer_budget numeric(20,0) not null,
  earned numeric(20,0) not null,
  bonus numeric(20,0) not null,
  fee numeric(20,0) not null,
  refunded numeric(20,0) not null,
  sent numeric(20,0) not null,
  cut_sequence bigint not null default 0
) with (fillfactor=50);

create table markets (
  market bytea not null,
  owner bytea not null,
  title text not null,
  kind text not null,
  spec text not null,
  spec_hash bytea not null,
  refund_to text not null,
  escrow bytea,
  escrow_opened_at bigint,
  standing boolean not null,
  created_at_ms bigint not null,
  pool smallint not null default 0
);

create table messages (
  number bigint not null generated always as identity,
  market bytea not null,
  contributor integer not null,
  text text not null,
  blocks boolean not null,
  sent_at_ms bigint not null
);

create table migrations (
  id integer not null,
  name text not null,
  breaking boolean not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now()
);

create table node_standings (
  key bytea not null,
  strikes integer not null,
  demoted_until_ms bigint not null,
  sessions bigint not null,
  noted_at_ms bigint not null,
  found_by text,
  sharing_until_ms bigint not null default 0
);

create table notice_addresses (
  endpoint text not null,
  contributor integer not null,
  public_key bytea not null,
  secret bytea not null,
  known bytea,
  looked_at_ms bigint not null,
  tried_at_ms bigint not null,
  failures integer not null default 0
);

create table paces (
  market bytea not null,
  sequence bigint not null,
  measured_at_ms bigint not null,
  answers integer not null,
  seconds_median double precision,
  pay_per_hour numeric(20,0),
  judged integer not null,
  rejected integer not null,
  appeals integer not null default 0,
  appeals_won integer not null default 0
);

create table pools (
  number smallint not null,
  mint text not null,
  owner bytea not null,
  symbol text,
  terms text,
  seed bytea,
  asked_at_ms bigint not null,
  opened_at_ms bigint
);

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
  code text
);

create table results (
  market bytea not null,
  lane smallint not null,
  task bigint not null,
  label jsonb not null,
  confidence_ppm integer not null,
  decided boolean not null,
  sequence bigint not null,
  settled_at_ms bigint not null
);

create table saved_keys (
  id bytea not null,
  contributor integer not null,
  wrapped bytea not null,
  saved_at_ms bigint not null
);

create table sessions (
  hash bytea not null,
  contributor integer not null,
  session_key bytea not null,
  expires_at_ms bigint not null,
  revoked_at_ms bigint,
  text text not null,
  signature bytea not null
);

create table settings (
  name text not null,
  value text not null
);

create table shares (
  contributor integer not null,
  market bytea not null,
  lane smallint not null,
  epoch bigint not null,
  released numeric(20,0) not null,
  held numeric(20,0) not null,
  paying_number bigint,
  paying_wallet bytea
);

create table tasks (
  market bytea not null,
  lane smallint not null,
  task bigint not null,
  external_id text not null,
  content text not null,
  hash bytea not null
);

create table verdicts (
  task bigint not null,
  submitted_sequence bigint not null,
  decided_sequence bigint not null,
  decided_at_ms bigint not null,
  contributor integer not null,
  lane smallint not null,
  ordinal smallint not null,
  market bytea not null,
  state text not null,
  reason text,
  reward numeric(20,0) not null,
  earlier_sequences bigint[]
);

create table webhook_messages (
  number bigint not null generated always as identity,
  id text not null,
  webhook text not null,
  market bytea,
  first bigint,
  last bigint,
  created_at_ms bigint not null,
  taken_at_ms bigint
);

create table webhook_positions (
  webhook text not null,
  market bytea not null,
  sequence bigint not null
);

create table webhook_tries (
  message bigint not null,
  at_ms bigint not null,
  duration_ms integer not null,
  status integer,
  problem text
);

create table webhooks (
  id text not null,
  owner bytea not null,
  url text not null,
  secret bytea not null,
  kinds text[] not null,
  created_at_ms bigint not null,
  failures integer not null default 0,
  next_try_at_ms bigint not null,
  stopped_at_ms bigint
);

create table withdrawals (
  id bytea not null,
  contributor integer not null,
  destination bytea not null,
  amount numeric(20,0) not null,
  fee_lamports bigint not null,
  rent_lamports bigint not null,
  message bytea not null,
  last_valid_block_height bigint not null,
  state text not null,
  planned_at_ms bigint not null,
  signed_at_ms bigint,
  owner_signature bytea,
  transaction text,
  problem text,
  ended_at_ms bigint,
  pool smallint not null default 0
);

alter table api_keys add constraint api_keys_pkey PRIMARY KEY (hash);
alter table api_keys add constraint api_keys_id_key UNIQUE (id);
alter table api_keys add constraint api_keys_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text])));
alter table api_keys add constraint api_keys_owner_check CHECK ((length(owner) = 32));
alter table balances add constraint balances_pkey PRIMARY KEY (contributor, market, lane);
alter table challenges add constraint challenges_pkey PRIMARY KEY (nonce);
alter table checkpoints add constraint checkpoints_pkey PRIMARY KEY (market, lane, sequence);
alter table claims add constraint claims_pkey PRIMARY KEY (contributor, pool);
alter table claims add constraint claims_sponsored_check CHECK ((sponsored = ANY (ARRAY['granted'::text, 'made'::text])));
alter table commit_outcomes add constraint commit_outcomes_pkey PRIMARY KEY (digest, key);
alter table commit_outcomes add constraint commit_outcomes_key_check CHECK ((length(key) = 32));
alter table commit_outcomes add constraint commit_outcomes_outcome_check CHECK ((outcome = ANY (ARRAY['abstain'::text, 'refuse'::text])));
alter table commit_signatures add constraint commit_signatures_pkey PRIMARY KEY (digest, key);
alter table commit_signatures add constraint commit_signatures_key_check CHECK ((length(key) = 32));
alter table commit_signatures add constraint commit_signatures_signature_check CHECK ((length(signature) = 64));
alter table commits add constraint commits_pkey PRIMARY KEY (digest);
alter table commits add constraint commits_digest_check CHECK ((length(digest) = 32));
alter table commits add constraint commits_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'committed'::text, 'expired'::text])));
alter table contributors add constraint contributors_pkey PRIMARY KEY (contributor);
alter table contributors add constraint contributors_key_key UNIQUE (key);
alter table contributors add constraint contributors_key_check CHECK ((length(key) = 32));
alter table contributors add constraint contributors_owner_check CHECK ((length(owner) = 32));
alter table cuts add constraint cuts_pkey PRIMARY KEY (market, lane);
alter table deposits add constraint deposits_pkey PRIMARY KEY (signature, market);
alter table entries add constraint entries_pkey PRIMARY KEY (market, lane, last);
alter table entries add constraint entries_check CHECK ((cardinality(attachments) = cardinality(encoded)));
alter table entries add constraint entries_encoded_check CHECK (((cardinality(encoded) >= 1) AND (cardinality(encoded) <= 256)));
alter table epochs add constraint epochs_pkey PRIMARY KEY (epoch);
alter table heads add constraint heads_pkey PRIMARY KEY (market, lane, sequence);
alter table idempotency_keys add constraint idempotency_keys_pkey PRIMARY KEY (scope, key);
alter table imports add constraint imports_pkey PRIMARY KEY (owner, key);
alter table landmarks add constraint landmarks_pkey PRIMARY KEY (market, lane, kind, number);
alter table landmarks add constraint landmarks_kind_check CHECK ((kind = ANY (ARRAY['joined'::text, 'batch'::text, 'model'::text, 'bonus'::text, 'block'::text])));
alter table lanes add constraint lanes_pkey PRIMARY KEY (market, lane);
alter table lanes add constraint lanes_check CHECK (((deposited + received) = ((((((((((free + assigned) + held) + appealable) + appeal_budget) + newcomer_budget) + earned) + bonus) + fee) + refunded) + sent)));
alter table markets add constraint markets_pkey PRIMARY KEY (market);
alter table markets add constraint markets_market_check CHECK ((length(market) = 16));
alter table markets add constraint markets_owner_check CHECK ((length(owner) = 32));
alter table messages add constraint messages_pkey PRIMARY KEY (number);
alter table migrations add constraint migrations_pkey PRIMARY KEY (id);
alter table node_standings add constraint node_standings_pkey PRIMARY KEY (key);
alter table node_standings add constraint node_standings_key_check CHECK ((length(key) = 32));
alter table notice_addresses add constraint notice_addresses_pkey PRIMARY KEY (endpoint);
alter table notice_addresses add constraint notice_addresses_known_check CHECK (((length(known) % 16) = 0));
alter table notice_addresses add constraint notice_addresses_public_key_check CHECK ((length(public_key) = 65));
alter table notice_addresses add constraint notice_addresses_secret_check CHECK ((length(secret) = 16));
alter table paces add constraint paces_pkey PRIMARY KEY (market);
alter table pools add constraint pools_pkey PRIMARY KEY (number);
alter table pools add constraint pools_mint_key UNIQUE (mint);
alter table pools add constraint pools_check CHECK ((((symbol IS NULL) = (terms IS NULL)) AND ((symbol IS NULL) = (seed IS NULL))));
alter table pools add constraint pools_number_check CHECK ((number > 0));
alter table pools add constraint pools_owner_check CHECK ((length(owner) = 32));
alter table pools add constraint pools_seed_check CHECK ((length(seed) = 32));
alter table results add constraint results_pkey PRIMARY KEY (market, lane, task);
alter table saved_keys add constraint saved_keys_pkey PRIMARY KEY (id);
alter table saved_keys add constraint saved_keys_id_check CHECK ((length(id) = 32));
alter table saved_keys add constraint saved_keys_wrapped_check CHECK ((length(wrapped) = 60));
alter table sessions add constraint sessions_pkey PRIMARY KEY (hash);
alter table sessions add constraint sessions_session_key_check CHECK ((length(session_key) = 32));
alter table settings add constraint settings_pkey PRIMARY KEY (name);
alter table shares add constraint shares_pkey PRIMARY KEY (contributor, market, lane);
alter table tasks add constraint tasks_pkey PRIMARY KEY (market, lane, task);
alter table verdicts add constraint verdicts_pkey PRIMARY KEY (market, lane, task, ordinal);
alter table webhook_messages add constraint webhook_messages_pkey PRIMARY KEY (number);
alter table webhook_messages add constraint webhook_messages_id_key UNIQUE (id);
alter table webhook_positions add constraint webhook_positions_pkey PRIMARY KEY (webhook, market);
alter table webhooks add constraint webhooks_pkey PRIMARY KEY (id);
alter table webhooks add constraint webhooks_kinds_check CHECK ((cardinality(kinds) > 0));
alter table webhooks add constraint webhooks_owner_check CHECK ((length(owner) = 32));
alter table webhooks add constraint webhooks_secret_check CHECK ((length(secret) = 32));
alter table withdrawals add constraint withdrawals_pkey PRIMARY KEY (id);
alter table withdrawals add constraint withdrawals_amount_check CHECK ((amount > (0)::numeric));
alter table withdrawals add constraint withdrawals_check CHECK (((signed_at_ms IS NULL) = (owner_signature IS NULL)));
alter table withdrawals add constraint withdrawals_check1 CHECK (((state = ANY (ARRAY['planned'::text, 'expired'::text])) OR (owner_signature IS NOT NULL)));
alter table withdrawals add constraint withdrawals_destination_check CHECK ((length(destination) = 32));
alter table withdrawals add constraint withdrawals_id_check CHECK ((length(id) = 16));
alter table withdrawals add constraint withdrawals_owner_signature_check CHECK ((length(owner_signature) = 64));
alter table withdrawals add constraint withdrawals_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sent'::text, 'final'::text, 'expired'::text, 'failed'::text])));
alter table commit_outcomes add constraint commit_outcomes_digest_fkey FOREIGN KEY (digest) REFERENCES commits(digest);
alter table commit_signatures add constraint commit_signatures_digest_fkey FOREIGN KEY (digest) REFERENCES commits(digest);
alter table cuts add constraint cuts_epoch_fkey FOREIGN KEY (epoch) REFERENCES epochs(epoch);
alter table cuts add constraint cuts_market_lane_fkey FOREIGN KEY (market, lane) REFERENCES lanes(market, lane);
alter table lanes add constraint lanes_market_fkey FOREIGN KEY (market) REFERENCES markets(market);
alter table messages add constraint messages_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributors(contributor);
alter table messages add constraint messages_market_fkey FOREIGN KEY (market) REFERENCES markets(market);
alter table notice_addresses add constraint notice_addresses_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributors(contributor);
alter table paces add constraint paces_market_fkey FOREIGN KEY (market) REFERENCES markets(market);
alter table saved_keys add constraint saved_keys_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributors(contributor);
alter table sessions add constraint sessions_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributors(contributor);
alter table webhook_messages add constraint webhook_messages_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhooks(id) ON DELETE CASCADE;
alter table webhook_positions add constraint webhook_positions_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhooks(id) ON DELETE CASCADE;
alter table webhook_tries add constraint webhook_tries_message_fkey FOREIGN KEY (message) REFERENCES webhook_messages(number) ON DELETE CASCADE;
alter table withdrawals add constraint withdrawals_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributors(contributor);

CREATE INDEX balances_lane ON public.balances USING btree (market, lane);
CREATE INDEX commits_newest ON public.commits USING btree (pool, epoch DESC, proposed_at_ms DESC);
CREATE UNIQUE INDEX commits_proposed ON public.commits USING btree (pool) WHERE (state = 'proposed'::text);
CREATE INDEX cuts_epoch ON public.cuts USING btree (epoch);
CREATE INDEX epochs_newest ON public.epochs USING btree (pool, epoch DESC);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at_ms);
CREATE INDEX lanes_due ON public.lanes USING btree (due_at_ms) WHERE (due_at_ms IS NOT NULL);
CREATE INDEX markets_newest ON public.markets USING btree (created_at_ms, market);
CREATE INDEX markets_owner ON public.markets USING btree (owner, created_at_ms);
CREATE UNIQUE INDEX markets_standing ON public.markets USING btree (owner) WHERE standing;
CREATE INDEX messages_contributor ON public.messages USING btree (contributor, number);
CREATE INDEX messages_market ON public.messages USING btree (market, contributor, sent_at_ms);
CREATE INDEX node_standings_noted ON public.node_standings USING btree (noted_at_ms);
CREATE INDEX notice_addresses_contributor ON public.notice_addresses USING btree (contributor);
CREATE INDEX notice_addresses_looked ON public.notice_addresses USING btree (looked_at_ms);
CREATE INDEX pools_asked ON public.pools USING btree (asked_at_ms);
CREATE UNIQUE INDEX pools_issued ON public.pools USING btree (owner, symbol) WHERE (symbol IS NOT NULL);
CREATE INDEX requests_owner ON public.requests USING btree (owner, at_ms);
CREATE INDEX saved_keys_contributor ON public.saved_keys USING btree (contributor);
CREATE INDEX shares_lane ON public.shares USING btree (market, lane, epoch);
CREATE UNIQUE INDEX tasks_external_id ON public.tasks USING btree (market, external_id);
CREATE INDEX verdicts_contributor ON public.verdicts USING btree (contributor, decided_at_ms);
CREATE INDEX webhook_messages_waiting ON public.webhook_messages USING btree (webhook, number) WHERE (taken_at_ms IS NULL);
CREATE INDEX webhook_messages_webhook ON public.webhook_messages USING btree (webhook, number);
CREATE INDEX webhook_tries_message ON public.webhook_tries USING btree (message);
CREATE INDEX webhooks_due ON public.webhooks USING btree (next_try_at_ms) WHERE (stopped_at_ms IS NULL);
CREATE INDEX webhooks_owner ON public.webhooks USING btree (owner);
CREATE INDEX withdrawals_accounts ON public.withdrawals USING btree (destination) WHERE ((rent_lamports > 0) AND (state = ANY (ARRAY['sent'::text, 'final'::text])));
CREATE INDEX withdrawals_newest ON public.withdrawals USING btree (contributor, planned_at_ms DESC);
CREATE UNIQUE INDEX withdrawals_open ON public.withdrawals USING btree (contributor) WHERE (state = ANY (ARRAY['planned'::text, 'sent'::text]));
CREATE INDEX withdrawals_paid ON public.withdrawals USING btree (signed_at_ms) WHERE (state = ANY (ARRAY['sent'::text, 'final'::text, 'failed'::text]));
CREATE INDEX withdrawals_planned ON public.withdrawals USING btree (planned_at_ms) WHERE (state = 'planned'::text);
CREATE INDEX withdrawals_under_way ON public.withdrawals USING btree (signed_at_ms) WHERE (state = 'sent'::text);
