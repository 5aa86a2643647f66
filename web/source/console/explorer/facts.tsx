import type { ComponentChildren } from "preact";

/** What something is, a line each. */
export const Facts = ({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="facts">
    {rows.map(([name, value]) => (
      <div key={name} class="fact">
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

interface HashProps {
  readonly text: string;
  /** Where the bytes are that it is of. */
  readonly to?: string;
  readonly download?: string;
}

/** A hash or an address, whole: to be compared. */
export const Hash = ({ text, to, download }: HashProps) => {
  const shown = (
    <code class="hash" dir="ltr">
      {text}
    </code>
  );
  return to === undefined ? (
    shown
  ) : (
    <a href={to} download={download}>
      {shown}
    </a>
  );
};
