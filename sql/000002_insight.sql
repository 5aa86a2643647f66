-- What requesters and contributors ask of how a market goes. Nothing here takes part in a verdict.

-- Entries that are few among many: batches of tasks, bonuses, models. An entry's first byte is the number of its kind.
create index entries_seldom on entries (market, lane, get_byte(encoded, 0), sequence)
  where get_byte(encoded, 0) in (7, 17, 70);

-- How long an answer takes and what it pays by the hour: measured now and then from the newest entries of a log.
create table paces (
  market bytea primary key references markets,
  -- The log up to here.
  sequence bigint not null,
  measured_at_ms bigint not null,
  -- Accepted answers that the median rests on; without any there is none.
  answers integer not null,
  seconds_median double precision,
  pay_per_hour numeric(20),
  judged integer not null,
  rejected integer not null
);
