import { t } from "../i18n.ts";
import { useStore } from "../store.ts";
import { trouble } from "../trouble.ts";
import { described } from "./problem.tsx";
import { useRefusals } from "./refusals.ts";

/** What went wrong with something that nobody waits for. */
export function TroubleStrip() {
  const problem = useStore(trouble);
  const isSaid = useRefusals(problem);
  if (problem === null) return null;
  const { text, inEnglish, code } = described(problem);
  return (
    <p class="strip strip-problem">
      <span>
        {isSaid && text} {isSaid && inEnglish !== null && <span lang="en">{inEnglish}</span>} <code>{code}</code>
      </span>
      <button type="button" class="button-text" onClick={() => trouble.set(null)}>
        {t("common.close")}
      </button>
    </p>
  );
}
