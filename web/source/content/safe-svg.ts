/**
 * A stranger's drawing. It is shown as an image, in which browsers run no scripts and load nothing; and only what is
 * listed here gets that far, so that a drawing cannot eat the processor either (`use` and patterns grow exponentially).
 */
const elements = new Set(
  "svg g path rect circle ellipse line polyline polygon text tspan title desc defs linearGradient radialGradient stop clipPath".split(
    " ",
  ),
);
const attributes = new Set(
  (
    "viewBox width height x y x1 y1 x2 y2 cx cy r rx ry dx dy d points transform fill fill-opacity fill-rule opacity " +
    "stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray stroke-opacity stroke-miterlimit id offset " +
    "stop-color stop-opacity gradientUnits gradientTransform clip-path clip-rule text-anchor dominant-baseline " +
    "font-size font-weight font-family font-style letter-spacing preserveAspectRatio rotate role aria-label"
  ).split(" "),
);
const charactersMax = 100_000;
const elementsMax = 3_000;
/** Groups within groups are each drawn on a sheet of their own. */
const depthMax = 40;
const clipsMax = 20;
const namespace = "http://www.w3.org/2000/svg";
/** Anything in brackets but a gradient or a clip of this very drawing points somewhere else. */
const pointsElsewhere = /url\s*\((?!\s*["']?#[\w-]+["']?\s*\))|[a-z]+:\/\/|javascript:|data:/i;

/** The drawing as text that is safe to show as an image; null where it is no drawing, or too large a one. */
export function safeSvg(source: string): string | null {
  if (source.length > charactersMax || /<!(?:DOCTYPE|ENTITY)/i.test(source)) return null;
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || root.namespaceURI !== namespace) return null;
  if (parsed.getElementsByTagName("*").length > elementsMax || parsed.querySelector("parsererror") !== null)
    return null;
  clean(root, { depth: 0, isInClip: false, clips: { left: clipsMax } });
  for (const node of Array.from(parsed.childNodes)) if (node !== root) node.remove();
  return new XMLSerializer().serializeToString(root);
}

interface Cleaning {
  readonly depth: number;
  /** Inside of a clip. */
  readonly isInClip: boolean;
  /** How many elements may still be clipped. */
  readonly clips: { left: number };
}

function clean(element: Element, cleaning: Cleaning): void {
  const { isInClip, depth, clips } = cleaning;
  // Clips that are clipped by clips grow like `use`; and each element that is clipped draws the whole clip.
  if (element.hasAttribute("clip-path") && (isInClip || --clips.left < 0)) element.removeAttribute("clip-path");
  for (const attribute of Array.from(element.attributes)) {
    const isKnown = attributes.has(attribute.name) || attribute.name === "xmlns";
    if (!isKnown || pointsElsewhere.test(attribute.name === "xmlns" ? "" : attribute.value))
      element.removeAttributeNode(attribute);
  }
  for (const node of Array.from(element.childNodes)) {
    if (node.nodeType === Node.TEXT_NODE) continue;
    const isKept = node instanceof Element && node.namespaceURI === namespace && elements.has(node.localName);
    if (isKept && depth < depthMax)
      clean(node, { clips, depth: depth + 1, isInClip: isInClip || node.localName === "clipPath" });
    else node.remove();
  }
}
