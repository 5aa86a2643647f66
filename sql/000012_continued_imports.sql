-- Imports that can go on where they broke off: how much of which body lies in which table of tasks on their way in
-- (store/tasks/imports.ts). Unlogged like those tables, so that a crash of the database empties both.
create unlogged table imports (
  owner bytea not null,
  key text not null,
  staged text not null,
  count integer not null,
  mark text,
  runs text,
  turn integer not null,
  primary key (owner, key)
);
