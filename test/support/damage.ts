/**
 * SQL that changes entries where they lie, for tests of what that leads to: `encoded` and `attachment` as expressions of
 * these two and of `sequence`. A `where` may follow.
 */
export const changeEntries = ({ encoded = "encoded", attachment = "attachment" }): string =>
  `update entries e set (encoded, attachments) = (
     select array_agg(${encoded} order by sequence), array_agg(${attachment} order by sequence) from (
       select e.last - cardinality(e.encoded) + place as sequence, run.encoded, run.attachment
       from unnest(e.encoded, e.attachments) with ordinality as run (encoded, attachment, place)) single)`;

/** SQL that takes the row away that holds an entry. */
export const deleteRunOf = (sequence: number): string =>
  `delete from entries where ${sequence} between last - cardinality(encoded) + 1 and last`;
