import { charactersShown, safeText } from "./safe-text.ts";

/**
 * A stranger's markup, cut down to what text needs: it is shown in a document of no origin (public/frame.html), which runs
 * nothing and loads nothing else even of what should get past this.
 */
const elements = new Set(
  (
    "p div span br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr th td caption blockquote pre code " +
    "b strong i em u s sub sup small mark figure figcaption section article header footer q cite abbr time del ins img"
  ).split(" "),
);
const attributes = new Set("colspan rowspan scope dir lang title alt".split(" "));
/** Left out with all that is in them; of other strangers the words stay. */
const mute = new Set(
  "script style template noscript iframe object embed svg math title head textarea select".split(" "),
);
const sourceMax = 200_000;
const elementsMax = 3_000;
const depthMax = 40;

export interface SafeHtml {
  readonly html: string;
  /** The same as text alone. */
  readonly text: string;
  /** Hosts that pictures in it come from, of those that the market allows. */
  readonly hosts: readonly string[];
}

/** @param isShown whether pictures of a host are loaded; where not, their description stands for them. */
export function safeHtml(source: string, allowed: readonly string[], isShown: (host: string) => boolean): SafeHtml {
  const from = new DOMParser().parseFromString(source.slice(0, sourceMax), "text/html");
  const to = document.implementation.createHTMLDocument();
  const copying: Copying = {
    to,
    allowed,
    isShown,
    hosts: new Set(),
    left: { elements: elementsMax, text: charactersShown },
  };
  copy(from.body, to.body, copying, 0);
  return { html: to.body.innerHTML, text: to.body.textContent ?? "", hosts: [...copying.hosts] };
}

interface Copying {
  readonly to: Document;
  readonly allowed: readonly string[];
  readonly isShown: (host: string) => boolean;
  readonly hosts: Set<string>;
  readonly left: { elements: number; text: number };
}

function copy(from: Node, into: Element, copying: Copying, depth: number): void {
  const { to, left } = copying;
  for (const node of Array.from(from.childNodes)) {
    if (node.nodeType === Node.TEXT_NODE && left.text > 0) {
      const text = safeText(node.textContent ?? "", left.text);
      left.text -= text.length;
      into.append(text);
    }
    if (!(node instanceof Element) || mute.has(node.localName) || left.elements === 0 || depth === depthMax) continue;
    if (!elements.has(node.localName)) {
      copy(node, into, copying, depth + 1);
      continue;
    }
    left.elements--;
    const made = node.localName === "img" ? pictureOf(node, copying) : to.createElement(node.localName);
    for (const { name, value } of Array.from(node.attributes))
      if (attributes.has(name)) made.setAttribute(name, safeText(value, 500));
    copy(node, made, copying, depth + 1);
    into.append(made);
  }
}

/** A picture of a host that its market allows; the words that describe it where it is not to be loaded. */
function pictureOf(node: Element, { to, allowed, isShown, hosts }: Copying): Element {
  const address = addressOf(node.getAttribute("src") ?? "");
  if (address !== null && allowed.includes(address.hostname)) {
    hosts.add(address.hostname);
    if (isShown(address.hostname)) {
      const picture = to.createElement("img");
      picture.setAttribute("src", address.href);
      return picture;
    }
  }
  const words = to.createElement("em");
  words.append(safeText(node.getAttribute("alt") ?? "", 500));
  return words;
}

/** An address with HTTPS, on its usual port and with no password in it. */
export function addressOf(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const address = new URL(text);
  return address.protocol === "https:" && address.port === "" && address.username === "" ? address : null;
}
