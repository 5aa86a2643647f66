import { type RowFormat, type RowMapping, rowMapping } from "../../contract/row-mapping.ts";

export interface MappingOptions {
  readonly id?: string;
  readonly control?: string;
  readonly map?: Readonly<Record<string, string>>;
}

/** What the options say of the rows. */
export const mappingOf = ({ id, control, map }: MappingOptions, format: RowFormat): RowMapping =>
  rowMapping({ id, control, content: map === undefined ? undefined : Object.entries(map) }, format);
