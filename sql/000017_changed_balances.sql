-- The lane's sequence at which a balance last changed: a cut looks at what changed since the one before.

alter table balances add column sequence bigint not null default 0;
update balances set sequence = lanes.sequence from lanes
  where lanes.market = balances.market and lanes.lane = balances.lane;
alter table balances alter column sequence drop default;
