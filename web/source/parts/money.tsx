import { amountText } from "../i18n.ts";

/** The network's token, as people call it. */
export const token = "EARN";

/** An amount of tokens. The digits stand in columns, the unit stands back. */
export function Money({ amount, sign = "" }: { readonly amount: string; readonly sign?: string }) {
  return (
    <span class="money">
      <bdi>
        {sign}
        {amountText(amount)}
      </bdi>{" "}
      <span class="money-unit">{token}</span>
    </span>
  );
}
