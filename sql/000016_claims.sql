-- Each row of claims is written three times within an epoch or two: granted, made, paid. Its sums are over all rows, and
-- whoever looks for one names the contributor, so that one index serves all; with room in their page the new versions need
-- no new entry there either.
alter table claims drop constraint claims_pkey;
alter table claims add primary key (contributor, pool);
drop index claims_contributor;
drop index claims_sponsored;
alter table claims set (fillfactor = 40);
