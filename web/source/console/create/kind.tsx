import { t } from "../../i18n.ts";
import { Snippet } from "../parts/snippet.tsx";
import { WithCode } from "../parts/with-code.tsx";
import { checksOf } from "./checks.ts";
import { judgedKinds, kinds, otherKinds, type TableKind, worldKinds } from "./kinds.ts";

interface KindChoiceProps {
  readonly chosen: TableKind;
  readonly onChoose: (kind: TableKind) => void;
}

/** What sort of work it is: what its rows need, how each answer is checked, and what it must not ask for. */
export function KindChoice({ chosen, onChoose }: KindChoiceProps) {
  return (
    <section class="panel" aria-labelledby="kind-title">
      <h2 id="kind-title">{t("create.kind")}</h2>
      <KindTiles legend={t("create.judged")} names={judgedKinds} chosen={chosen} onChoose={onChoose} />
      <KindTiles legend={t("create.world")} names={worldKinds} chosen={chosen} onChoose={onChoose} />
      <KindFacts kind={chosen} />
      <details class="more" id="other-kinds">
        <summary>{t("create.otherKinds")}</summary>
        <p class="faint">{t("create.otherKindsText")}</p>
        {otherKinds.map((name) => (
          <div key={name}>
            <p>
              <strong>{t(`kind.${name}`)}</strong> <span class="faint">{t(`kindFor.${name}`)}</span>
            </p>
            <Snippet label={t(`kind.${name}`)} text={commandsOf(name)} />
          </div>
        ))}
      </details>
    </section>
  );
}

interface KindTilesProps extends KindChoiceProps {
  readonly legend: string;
  readonly names: readonly TableKind[];
}

const KindTiles = ({ legend, names, chosen, onChoose }: KindTilesProps) => (
  <fieldset class="kinds">
    <legend>{legend}</legend>
    {names.map((name) => (
      <label key={name} class="tile kind">
        <input
          type="radio"
          name="kind"
          value={name}
          checked={chosen === name}
          aria-describedby={`kind-${name}`}
          onChange={() => onChoose(name)}
        />
        <span>{t(`kind.${name}`)}</span>
        <span class="faint" id={`kind-${name}`}>
          {t(`kindFor.${name}`)}
        </span>
      </label>
    ))}
  </fieldset>
);

function KindFacts({ kind }: { readonly kind: TableKind }) {
  const { needs, guardrails, composition, isForPages } = kinds[kind];
  return (
    <div class="kind-facts" id="kind-facts">
      <dl class="facts">
        <dt>{t("create.kindNeeds")}</dt>
        <dd>{[t("create.toShow"), ...needs.map((need) => t(`role.${need}`))].join(" · ")}</dd>
        <dt>{t("create.kindChecks")}</dt>
        <dd>
          <ol class="kind-checks">
            {checksOf(composition).map((check) => (
              <li key={check}>{check}</li>
            ))}
          </ol>
        </dd>
      </dl>
      {!isForPages && <p class="warning">{t("create.forDevices")}</p>}
      <details class="more">
        <summary>{t("create.guardrails")}</summary>
        <ul>
          {guardrails.map((each) => (
            <li key={each}>
              <WithCode text={t(each)} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

/** Their tasks bring programs, or hang on a meter or a gateway: a description to edit, and the rest by hand. */
const commandsOf = (kind: (typeof otherKinds)[number]): string =>
  [
    `earnest kinds market ${kind} > market.json`,
    "earnest markets create market.json",
    ...(kind === "compute" ? ["earnest compute run MARKET --module sum.js --inputs numbers.txt"] : []),
  ].join("\n");
