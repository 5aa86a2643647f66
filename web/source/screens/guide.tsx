import type { Market } from "../../../src/contract/markets.ts";
import { ContentView } from "../content/content-view.tsx";
import { Markdown } from "../content/markdown.tsx";
import { shownOf } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { numberText, t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Sheet } from "../parts/sheet.tsx";
import { saidOf } from "../widgets/said.ts";
import { guideOf, type MarketGuide } from "../work/market-guide.ts";

/** What the requester says of the work, and worked examples, good and bad. */
export function GuideSheet({ market, onClose }: { readonly market: Market; readonly onClose: () => void }) {
  const { guide, examples, parameters } = guideOf(market);
  return (
    <Sheet title={t("guide.title")} onClose={onClose}>
      {guide === null && examples.length === 0 && <p>{t("guide.none")}</p>}
      {guide !== null && <Markdown source={guide} />}
      <ul class="examples">
        {examples.map((example, i) => (
          <li key={i} class="example">
            <Example example={example} parameters={parameters} />
          </li>
        ))}
      </ul>
      <Terms market={market} />
    </Sheet>
  );
}

interface ExampleProps {
  readonly example: MarketGuide["examples"][number];
  readonly parameters: MarketGuide["parameters"];
}

function Example({ example, parameters }: ExampleProps) {
  const { question, parts, labels } = shownOf(example.content, parameters);
  const text = parts.find(({ type }) => type === "text");
  const said = saidOf(example.answer, { labels, numberText, text: text?.type === "text" ? text.text : undefined });
  return (
    <>
      <p class={`badge badge-${example.good ? "paid" : "refused"}`}>
        <Icon name={example.good ? "check" : "cross"} />
        {t(example.good ? "guide.good" : "guide.bad")}
      </p>
      {question !== null && <p dir="auto">{safeText(question, 1_000)}</p>}
      <ContentView parts={parts} />
      <p dir="auto">
        <strong>{said}</strong>
      </p>
      <p class="faint" dir="auto">
        {safeText(example.why, 1_000)}
      </p>
    </>
  );
}

/** How answers become verdicts here, from the market's own terms. */
function Terms({ market }: { readonly market: Market }) {
  const { terms, appeal, newcomer } = market;
  return (
    <section>
      <h3>{t("guide.rules")}</h3>
      <ul>
        <li>{t("guide.overlap", { min: terms.overlap.min, max: terms.overlap.max })}</li>
        {newcomer !== null && <li>{t("guide.newcomer", { count: newcomer.answers })}</li>}
        <li>{t("guide.appeal", { hours: Math.round(appeal.windowSeconds / 360) / 10 })}</li>
        <li>{t("guide.late")}</li>
      </ul>
    </section>
  );
}
