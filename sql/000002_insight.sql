-- What requesters and contributors ask of how a market goes. Nothing here takes part in a verdict.

-- Entries that are few among many, beside joins and batches: adopted models (by their version), bonuses (by their entry).
alter table landmarks drop constraint landmarks_kind_check;
alter table landmarks add constraint landmarks_kind_check check (kind in ('joined', 'batch', 'model', 'bonus'));

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
