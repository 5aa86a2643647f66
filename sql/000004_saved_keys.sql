-- Keys of contributors, as a passkey of theirs wrapped them: another browser with the same passkey finds its key here. The
-- id comes of the passkey too, so nobody else can ask for it; what it wraps is 32 bytes that nobody here can open.
create table saved_keys (
  id bytea primary key check (length(id) = 32),
  contributor integer not null references contributors,
  wrapped bytea not null check (length(wrapped) = 60),
  saved_at_ms bigint not null
);
create index saved_keys_contributor on saved_keys (contributor);
