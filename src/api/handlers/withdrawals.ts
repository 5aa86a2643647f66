import type { Withdrawal } from "../../contract/withdrawals.ts";
import type { WithdrawalView } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { type Money, readBytes, readCount, readKey, writeBytes, writeKey } from "../values.ts";

type Ids = "planWithdrawal" | "sendWithdrawal" | "listWithdrawals";

export function withdrawalHandlers({ engine, money }: ApiContext): Handlers<Ids> {
  return {
    planWithdrawal: async ({ body, caller, once }) => {
      const wish = { to: readKey(body.to), amount: body.amount === undefined ? null : money.read(body.amount) };
      return withdrawalView(money, await engine.planWithdrawal(caller.session, wish, once));
    },

    sendWithdrawal: async ({ params, body, caller }) => {
      const signature = readBytes(body.signature, 64, "signature");
      return withdrawalView(money, await engine.sendWithdrawal(caller.session, params.withdrawal, signature));
    },

    listWithdrawals: async ({ query, caller }) => {
      const rows = await engine.listWithdrawals(caller.session, readCount(query.limit, 100));
      return { items: rows.map((each) => withdrawalView(money, each)) };
    },
  };
}

export const withdrawalView = (money: Money, view: WithdrawalView): Withdrawal => ({
  id: view.id,
  from: writeKey(view.from),
  to: writeKey(view.to),
  amount: money.write(view.amount),
  state: view.state,
  paidByNetwork: { feeLamports: Number(view.feeLamports), rentLamports: Number(view.rentLamports) },
  toSign:
    view.toSign === null
      ? null
      : { message: writeBytes(view.toSign.message), transaction: writeBytes(view.toSign.wire) },
  plannedAtMs: view.plannedAtMs,
  expiresAtMs: view.expiresAtMs,
  transaction: view.transaction,
  problem: view.problem,
});
