import type { AnchorHTMLAttributes, ComponentChildren } from "preact";
import { go } from "../router.ts";

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  readonly to: string;
  readonly children: ComponentChildren;
}

/** A link within the page; with a modifier key, or the middle button, it opens like any other. */
export function Link({ to, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={to} onClick={onClick}>
      {children}
    </a>
  );
}
