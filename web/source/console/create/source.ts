import type { Survey } from "../rows/survey.ts";
import type { TableHead, TableRow } from "../rows/table.ts";

/** A file that was chosen, as far as it is known. */
export interface Source {
  readonly file: File;
  readonly head: TableHead;
  readonly first: readonly TableRow[];
  /** Of the file that was read. */
  readonly share: number;
  /** Null until all of it was. */
  readonly survey: Survey | null;
  /** Rows that can be looked at. */
  readonly kept: number;
}
