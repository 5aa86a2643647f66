import type { Warning } from "../../../../src/contract/warnings.ts";
import { amountText, apart, numberText, t } from "../../i18n.ts";
import { useToken } from "../../parts/tokens.tsx";
import { percent } from "../units.ts";

/** What the owner should know while something can be done, and what that is. */
export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  const { name } = useToken();
  return (
    <>
      {warnings.map((each) => (
        <p key={each.code} class="warning">
          <span>{warningText(each, name)}</span>
        </p>
      ))}
    </>
  );
}

function warningText({ code, context }: Warning, token: string): string {
  switch (code) {
    case "TARGET_OUT_OF_REACH":
      return t(`warning.${code}`, { target: percent(context.target), accuracy: percent(context.accuracy) });
    case "TARGET_SELDOM_REACHED":
      return t(`warning.${code}`, {
        target: percent(context.target),
        reached: percent(context.reached),
        answersMax: numberText(context.answersMax),
      });
    case "CONTROLS_MISSING":
      return t(`warning.${code}`);
    case "CONTRIBUTORS_UNPROVEN":
      return t(`warning.${code}`, { contributors: numberText(context.contributors) });
    case "ESCROW_SHORT":
      return t(`warning.${code}`, {
        tasks: numberText(context.tasks),
        needed: apart(amountText(context.needed)),
        free: apart(amountText(context.free)),
        token: apart(token),
      });
  }
}
