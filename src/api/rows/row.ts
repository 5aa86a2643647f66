import type { Json } from "../../core/json.ts";

/** One row of an import: what it says, or what is wrong with it. Rows are counted from 1, after a header. */
export interface Row {
  readonly row: number;
  /** The row as it came, to be given back if it cannot be imported. */
  readonly text: () => string;
  readonly content: RowContent;
}

export type RowContent = { readonly fields: { readonly [name: string]: Json } } | { readonly problem: string };
