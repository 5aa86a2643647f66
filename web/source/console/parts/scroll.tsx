import type { ComponentChildren } from "preact";

interface ScrollProps {
  readonly label: string;
  readonly class?: string;
  readonly onScroll?: (event: { readonly currentTarget: HTMLElement }) => void;
  readonly children: ComponentChildren;
}

/** Something wider or longer than its place. It can be reached and moved by keyboard. */
export const Scroll = ({ label, class: own = "scroll", onScroll, children }: ScrollProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the arrow keys
  <section class={own} tabIndex={0} aria-label={label} onScroll={onScroll}>
    {children}
  </section>
);
