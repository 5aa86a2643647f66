import { amountText } from "../i18n.ts";
import { useToken } from "./tokens.tsx";

/** An amount of the token that is meant here. The digits stand in columns, the unit stands back. */
export function Money({ amount, sign = "" }: { readonly amount: string; readonly sign?: string }) {
  return (
    <span class="money">
      <bdi>
        {sign}
        {amountText(amount)}
      </bdi>{" "}
      <Unit />
    </span>
  );
}

/** What the token here is called; which it is, for whoever points at it. */
export function Unit() {
  const { name, mint } = useToken();
  return (
    <span class="money-unit" title={mint}>
      <bdi>{name}</bdi>
    </span>
  );
}
