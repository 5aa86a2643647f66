import type { ComponentChildren } from "preact";
import { Scroll } from "./scroll.tsx";

interface TableProps {
  readonly label: string;
  readonly heads: readonly string[];
  /** The rows; the first cell of each says what it is about. */
  readonly children: ComponentChildren;
}

/** A table that is read by its rows, in a place of its own to scroll in. */
export const Table = ({ label, heads, children }: TableProps) => (
  <Scroll label={label}>
    <table class="table table-wide">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </Scroll>
);
