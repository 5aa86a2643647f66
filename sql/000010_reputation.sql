-- That a requester gives somebody no more work is a landmark: how often that happens is for everybody to see.
alter table landmarks drop constraint landmarks_kind_check;
alter table landmarks add constraint landmarks_kind_check check (kind in ('joined', 'batch', 'model', 'bonus', 'block'));

-- What a requester tells a contributor: between the two of them.
create table messages (
  number bigint generated always as identity primary key,
  market bytea not null references markets,
  contributor integer not null references contributors,
  text text not null,
  -- It says why the contributor gets no more work there.
  blocks boolean not null,
  sent_at_ms bigint not null
);
create index messages_contributor on messages (contributor, number);
create index messages_market on messages (market, contributor, sent_at_ms);

-- Beside what was judged lately: what was appealed, and rightly.
alter table paces add column appeals integer not null default 0;
alter table paces add column appeals_won integer not null default 0;
