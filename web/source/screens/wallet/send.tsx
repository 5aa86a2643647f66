import { useEffect, useRef, useState } from "preact/hooks";
import type { Withdrawal } from "../../../../src/contract/withdrawals.ts";
import { enter, network, watched } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { keptWallet } from "../../keys/wallet.ts";
import { isMore, isZero, typedAmount } from "../../parts/amounts.ts";
import { Money } from "../../parts/money.tsx";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { useToken } from "../../parts/tokens.tsx";
import { useStore } from "../../store.ts";
import { AddressField, isAddress } from "./address-field.tsx";
import { Plan, type Wish } from "./plan.tsx";
import { explained } from "./refusals.ts";
import { Sent } from "./sent.tsx";

interface SendProps {
  /** Of the token that is sent; the home token's where it is left out. */
  readonly mint: string | undefined;
  readonly held: string;
  readonly own: string;
  /** Where to, where that was chosen elsewhere; else empty. */
  readonly wished: string;
  readonly onSent: () => void;
}

/** Tokens to any wallet: what it would be, a look at it, and what became of it. */
export function Send({ mint, held, own, wished, onSent }: SendProps) {
  const [rows, setRows] = useState<readonly Withdrawal[]>([]);
  const [planned, setPlanned] = useState<{ readonly wish: Wish; readonly plan: Withdrawal } | null>(null);
  const kept = useStore(keptWallet);
  const task = useTask();
  const read = async (): Promise<void> => {
    const known = await enter();
    const { items } = await watched(known.withdrawals({ limit: 20 }));
    setRows(items.filter(({ state }) => state !== "planned"));
    const open = items.find(({ state }) => state === "sent");
    if (open === undefined) return;
    const ended = await known.ended(open);
    setRows((now) => now.map((each) => (each.id === ended.id ? ended : each)));
    onSent();
  };
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    task.run(read);
    if (wished !== "") section.current?.scrollIntoView();
  }, []);
  const plan = async (wish: Wish): Promise<void> => {
    const made = await explained(
      watched((await enter()).planWithdrawal(wish.to, wish.amount, { ...(mint !== undefined && { mint }) })),
    );
    setPlanned({ wish, plan: made });
  };
  const send = async ({ plan: looked, wish }: { readonly wish: Wish; readonly plan: Withdrawal }): Promise<void> => {
    const sent = await explained(watched((await enter()).sendPlanned(looked, wish.to, wish.amount, mint)));
    setPlanned(null);
    setRows((now) => [sent, ...now]);
    onSent();
    await read();
  };
  return (
    <section class="choices" ref={section}>
      <h2>{t("send.title")}</h2>
      {kept?.app !== undefined ? (
        <p>{t("send.inApp", { name: kept.app.name })}</p>
      ) : (
        <>
          <p class="faint">{t("send.text")}</p>
          {task.problem !== null && <Problem error={task.problem} />}
          {planned === null ? (
            <Form
              mint={mint}
              held={held}
              own={own}
              wished={wished}
              isBusy={task.isBusy}
              onPlan={(wish) => task.run(() => plan(wish))}
            />
          ) : (
            <Plan
              {...planned}
              isBusy={task.isBusy}
              onSend={() => task.run(() => send(planned))}
              onAgain={() => task.run(() => plan(planned.wish))}
              onBack={() => setPlanned(null)}
            />
          )}
        </>
      )}
      <Sent rows={rows} />
    </section>
  );
}

interface FormProps {
  readonly mint: string | undefined;
  readonly held: string;
  readonly own: string;
  readonly wished: string;
  readonly isBusy: boolean;
  readonly onPlan: (wish: Wish) => void;
}

function Form({ mint, held, own, wished, isBusy, onPlan }: FormProps) {
  const [to, setTo] = useState(wished);
  const [typed, setTyped] = useState("");
  const [isAll, setAll] = useState(wished !== "");
  const { name } = useToken();
  const [decimals, setDecimals] = useState(0);
  useEffect(
    () =>
      void network().then(
        (found) => setDecimals(found.tokens.find((token) => token.mint === mint)?.decimals ?? found.decimals),
        () => undefined,
      ),
    [],
  );
  if (isZero(held)) return <p>{t("send.nothing")}</p>;
  const amount = isAll ? null : typedAmount(typed, decimals);
  const isTooMuch = amount !== null && isMore(amount, held);
  const isReady = isAddress(to, own) && (isAll || (amount !== null && !isTooMuch));
  return (
    <form
      class="choice form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onPlan({ to, amount });
      }}
    >
      <AddressField label={t("send.to")} value={to} own={own} onInput={setTo} />
      <div class="field">
        <label for="send-amount">{t("send.amount", { token: name })}</label>
        <span class="field-line">
          <input
            id="send-amount"
            class="input"
            inputMode="decimal"
            dir="ltr"
            autocomplete="off"
            value={isAll ? held : typed}
            aria-invalid={isTooMuch}
            aria-describedby="send-held"
            onInput={({ currentTarget }) => {
              setAll(false);
              setTyped(currentTarget.value);
            }}
          />
          <button type="button" class="button-text" aria-pressed={isAll} onClick={() => setAll(true)}>
            {t("send.all")}
          </button>
        </span>
        <span id="send-held" class={isTooMuch ? "wrong" : "faint"} role={isTooMuch ? "alert" : undefined}>
          {t(isTooMuch ? "send.tooMuch" : "send.held")} <Money amount={held} />
        </span>
      </div>
      <button type="submit" class="button button-main" disabled={!isReady || isBusy}>
        {t(isBusy ? "common.loading" : "send.look")}
      </button>
    </form>
  );
}
