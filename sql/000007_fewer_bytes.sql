--! breaking
-- What a submission costs in the write-ahead log. A row has some sixty bytes beside what it holds, an index entry as many,
-- and each of them a record of its own.

-- Entries lie together, as they were committed: a run of them is one row.
alter table entries rename to single_entries;
alter index entries_pkey rename to single_entries_pkey;
create table entries (
  market bytea not null,
  lane smallint not null,
  -- The sequence of the run's last entry: whoever looks for one takes the first run that ends at or behind it.
  last bigint not null,
  encoded bytea[] not null,
  -- Null where there is none in the run.
  attachments bytea[],
  primary key (market, lane, last),
  -- So that a range of entries is a range of runs.
  check (cardinality(encoded) between 1 and 256),
  check (cardinality(attachments) = cardinality(encoded))
) with (toast_tuple_target = 8160);
insert into entries (market, lane, last, encoded, attachments)
select market, lane, max(sequence), array_agg(encoded order by sequence),
  case when count(attachment) > 0 then array_agg(attachment order by sequence) end
from single_entries group by market, lane, (sequence - 1) / 16;
drop table single_entries;

-- Of the body the log has the hash. Columns stand in the order in which nothing is lost between them.
alter table verdicts rename to wide_verdicts;
alter index verdicts_pkey rename to wide_verdicts_pkey;
alter index verdicts_contributor rename to wide_verdicts_contributor;
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
  reward numeric(20) not null,
  -- The entries that ruled on the slot before the one that decided it, in order; null where there are none.
  earlier_sequences bigint[],
  primary key (market, lane, task, ordinal)
);
insert into verdicts
select task, submitted_sequence, decided_sequence, decided_at_ms, contributor, lane, ordinal, market, state, reason,
  reward, nullif(trim_array(sequences, 1), '{}')
from wide_verdicts order by decided_at_ms;
create index verdicts_contributor on verdicts (contributor, decided_at_ms);
drop table wide_verdicts;

-- Rows that every batch writes anew: with room in their page the new version needs no new index entries.
alter table balances set (fillfactor = 50);
alter table lanes set (fillfactor = 50);
