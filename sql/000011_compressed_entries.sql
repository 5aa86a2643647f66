-- A run of entries lies compressed in its row: bodies are much alike, and so are entries but for their hashes. `main` keeps
-- the values in the row where they fit there, and the least target has PostgreSQL compress each row of 2 kB and more.
alter table entries alter column encoded set storage main, alter column attachments set storage main;
alter table entries set (toast_tuple_target = 128);
