-- Tokens that contributors send on, in transactions that the operator pays for. The message is what both sign: it is stored
-- before its owner sees it, and the owner's signature before anything is sent, so whoever finds the row can finish it.
create table withdrawals (
  id bytea primary key check (length(id) = 16),
  contributor integer not null references contributors,
  destination bytea not null check (length(destination) = 32),
  amount numeric(20) not null check (amount > 0),
  -- What the operator pays at most: the fee, and the rent of a token account that is made.
  fee_lamports bigint not null,
  rent_lamports bigint not null,
  message bytea not null,
  last_valid_block_height bigint not null,
  state text not null check (state in ('planned', 'sent', 'final', 'expired', 'failed')),
  planned_at_ms bigint not null,
  signed_at_ms bigint,
  owner_signature bytea check (length(owner_signature) = 64),
  transaction text,
  problem text,
  ended_at_ms bigint,
  check ((signed_at_ms is null) = (owner_signature is null)),
  check (state in ('planned', 'expired') or owner_signature is not null)
);
-- One at a time: two could spend the same tokens.
create unique index withdrawals_open on withdrawals (contributor) where state in ('planned', 'sent');
create index withdrawals_newest on withdrawals (contributor, planned_at_ms desc);
create index withdrawals_planned on withdrawals (planned_at_ms) where state = 'planned';
create index withdrawals_under_way on withdrawals (signed_at_ms) where state = 'sent';
-- What they cost: a failed one its fee, an expired one nothing.
create index withdrawals_paid on withdrawals (signed_at_ms) where state in ('sent', 'final', 'failed');
create index withdrawals_accounts on withdrawals (destination) where rent_lamports > 0 and state in ('sent', 'final');
