import { later } from "../widgets/later.tsx";
import { Drawing } from "./drawing.tsx";
import { type HtmlPart, isPicture, type Part } from "./parts.ts";
import { safeText } from "./safe-text.ts";

const laterFramed = later<{ readonly part: HtmlPart }>(async () => (await import("./framed.tsx")).Framed);

/** What a task gives to look at. Each part is a figure of its own, so that a label and what it names stay together. */
export function ContentView({ parts }: { readonly parts: readonly Part[] }) {
  if (parts.length === 0) return null;
  const isPair = parts.length === 2 && parts.every(isPicture);
  return (
    <div class={isPair ? "content content-pair" : "content"}>
      {parts.map((part, i) => (
        <PartView key={i} part={part} />
      ))}
    </div>
  );
}

export function PartView({ part }: { readonly part: Part }) {
  const label = safeText(part.label, 200);
  return (
    <figure class="part">
      {label !== "" && <figcaption>{label}</figcaption>}
      {isPicture(part) ? (
        <Drawing part={part} />
      ) : part.type === "html" ? (
        <laterFramed.View part={part} />
      ) : (
        // Its own direction, whatever the page's is.
        <p class="part-text" dir="auto">
          {safeText(part.text)}
        </p>
      )}
    </figure>
  );
}
