/** Every statement of the naive service, by the name it is prepared under. */
export const statements = {
  session: `select contributor, session_key from sessions where hash = $1 and expires_at > now()`,
  market: `select reward, fee, overlap from markets where market = $1`,
  lockTask: `select label from tasks where market = $1 and task = $2 for update`,
  slot: `select contributor, state, body_hash, expires_at <= now() as is_late from slots
    where market = $1 and task = $2 and ordinal = $3 for update`,
  answer: `update slots set state = 'held', body = $4, body_hash = $5, signature = $6, submitted_at = now()
    where market = $1 and task = $2 and ordinal = $3`,
  held: `select ordinal, contributor, body from slots where market = $1 and task = $2 and state = 'held' order by ordinal`,
  label: `update tasks set label = $3 where market = $1 and task = $2`,
  judge: `update slots set state = case when ordinal = any($3::smallint[]) then 'accepted' else 'rejected' end,
      reward = case when ordinal = any($3::smallint[]) then $4::bigint else 0 end
    where market = $1 and task = $2 and state = 'held'`,
  transfer: `insert into transfers (market, task, ordinal, contributor, amount)
    select $1, $2, ordinal, contributor, $5 from unnest($3::smallint[], $4::integer[]) as paid (ordinal, contributor)`,
  credit: `insert into balances (contributor, earned) select * from unnest($1::integer[], $2::bigint[])
    on conflict (contributor) do update set earned = balances.earned + excluded.earned`,
  next: `select task, content from tasks t where market = $1 and label is null and taken < 3
      and not exists (select 1 from slots s where s.market = t.market and s.task = t.task and s.contributor = $2)
    order by task limit 1 for update skip locked`,
  take: `update tasks set taken = taken + 1 where market = $1 and task = $2`,
  assign: `insert into slots (market, task, ordinal, contributor, state, expires_at)
    select $1, $2, (select count(*) from slots where market = $1 and task = $2), $3, 'assigned', now() + lease
    from markets where market = $1 returning ordinal, expires_at`,
  open: `select s.task, s.ordinal, s.expires_at, t.content from slots s join tasks t using (market, task)
    where s.contributor = $2 and s.market = $1 and s.state = 'assigned'`,
  outcome: `select state, reward from slots where market = $1 and task = $2 and ordinal = $3`,
  book: `update markets set free = free + $2, held = held + $3, earned = earned + $4, fees = fees + $5 where market = $1`,
  expire: `with late as (
      update slots set state = 'expired' where state = 'assigned' and expires_at <= now() returning market, task
    ), given as (
      update tasks t set taken = taken - 1 from late where t.market = late.market and t.task = late.task
    )
    update markets m set free = free + n * (reward + fee), held = held - n * (reward + fee)
    from (select market, count(*) as n from late group by market) as back where m.market = back.market`,
} as const;

export type StatementName = keyof typeof statements;
