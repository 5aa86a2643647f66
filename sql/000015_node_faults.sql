-- By which check a node's last strike came, and until when it stands behind others because it shares a line with another owner.
alter table node_standings
  add column found_by text,
  add column sharing_until_ms bigint not null default 0;
