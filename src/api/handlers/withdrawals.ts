import type { Withdrawal } from "../../contract/withdrawals.ts";
import type { WithdrawalView } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { type Money, readBytes, readCount, readKey, writeBytes, writeKey } from "../values.ts";

type Ids = "planWithdrawal" | "sendWithdrawal" | "listWithdrawals";

export function withdrawalHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  const view = async (found: WithdrawalView) => withdrawalView(await moneys.in(found.mint), found);
  return {
    planWithdrawal: async ({ body, caller, once }) => {
      const { mint } = body;
      const amount = body.amount === undefined ? null : (await moneys.in(mint)).read(body.amount);
      return await view(await engine.planWithdrawal(caller.session, { mint, to: readKey(body.to), amount }, once));
    },

    sendWithdrawal: async ({ params, body, caller }) => {
      const signature = readBytes(body.signature, 64, "signature");
      return await view(await engine.sendWithdrawal(caller.session, params.withdrawal, signature));
    },

    listWithdrawals: async ({ query, caller }) => {
      const rows = await engine.listWithdrawals(caller.session, readCount(query.limit, 100));
      return { items: await Promise.all(rows.map(view)) };
    },
  };
}

export const withdrawalView = (money: Money, view: WithdrawalView): Withdrawal => ({
  id: view.id,
  from: writeKey(view.from),
  to: writeKey(view.to),
  mint: view.mint,
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
