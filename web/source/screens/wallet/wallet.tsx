import { useEffect, useState } from "preact/hooks";
import { contributor, me, refreshMe, watched } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { keptWallet } from "../../keys/wallet.ts";
import { Address } from "../../parts/address.tsx";
import { isZero, remaining } from "../../parts/amounts.ts";
import { Freezable } from "../../parts/freezable.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { nameOfMint, OfMint } from "../../parts/tokens.tsx";
import { useStore } from "../../store.ts";
import { shortKey } from "../work-header.tsx";
import { Paying } from "./paying.tsx";
import { Restore } from "./restore.tsx";
import { Save } from "./save.tsx";
import { Send } from "./send.tsx";

/** What one has, where it is, how it is kept, and how it goes elsewhere. */
export function WalletScreen() {
  const known = useStore(contributor);
  return (
    <div class="column wallet">
      <h1 tabIndex={-1}>{t("wallet.title")}</h1>
      {known === null ? <Nobody /> : <Owner key={known.address} />}
    </div>
  );
}

function Nobody() {
  return (
    <>
      <section class="notice">
        <p>{t("wallet.none")}</p>
        <Link to="/" class="button">
          {t("earnings.first")}
        </Link>
      </section>
      <Restore />
    </>
  );
}

const refreshMs = 5_000;

function Owner() {
  const known = useStore(contributor);
  const account = useStore(me);
  const kept = useStore(keptWallet);
  const [held, setHeld] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [wished, setWished] = useState("");
  const [mint, setMint] = useState<string | undefined>(undefined);
  const look = (): void => {
    if (known === null) return;
    Promise.all([watched(known.held(mint)), refreshMe()]).then(([now]) => {
      setProblem(null);
      setHeld(now);
    }, setProblem);
  };
  useEffect(() => {
    look();
    // Money comes with every epoch, and nothing tells of it.
    const timer = setInterval(() => document.hidden || look(), refreshMs);
    return () => clearInterval(timer);
  }, [mint]);
  if (account === null || held === null) {
    return problem === null ? <Loading /> : <Problem error={problem} onRetry={look} />;
  }
  const balance = account.balances.find((each) => each.mint === mint) ?? { ...account.balance, paidAt: account.paidAt };
  const isPaidHere = balance.paidAt === account.key;
  return (
    <OfMint mint={mint}>
      {account.balances.length > 1 && (
        <label class="field">
          <span>{t("wallet.token")}</span>
          <select
            value={mint ?? account.balances[0]?.mint}
            onChange={({ currentTarget: { value } }) => {
              setHeld(null);
              setMint(value);
            }}
          >
            {account.balances.map((each) => (
              <option key={each.mint} value={each.mint}>
                {nameOfMint(each.mint)} · {shortKey(each.mint)}
              </option>
            ))}
          </select>
        </label>
      )}
      {problem !== null && <Problem error={problem} onRetry={look} />}
      <section class="paper balance">
        <h2 class="hidden">{t("wallet.balance")}</h2>
        <p class="faint">{t("wallet.held")}</p>
        <p class="balance-amount">
          <Money amount={held} />
        </p>
        <dl class="meters">
          <div>
            <dt>{t("wallet.onTheWay")}</dt>
            <dd>
              <Money amount={remaining(balance.released, balance.settled)} />
            </dd>
          </div>
          <div>
            <dt>{t("earnings.reserve")}</dt>
            <dd>
              <Money amount={balance.held} />
            </dd>
          </div>
        </dl>
        <div>
          <p class="faint">{t("wallet.address")}</p>
          <Address of={account.key} />
        </div>
        <Holding held={held} balance={balance} isPaidHere={isPaidHere} />
        <Freezable />
      </section>
      <Save kept={kept} account={account} />
      <Send key={`${wished} ${mint}`} mint={mint} held={held} own={account.key} wished={wished} onSent={look} />
      <Paying account={account} held={held} onForward={setWished} />
      <Restore />
    </OfMint>
  );
}

interface HoldingProps {
  readonly held: string;
  readonly balance: { readonly released: string; readonly settled: string };
  readonly isPaidHere: boolean;
}

/** Where earnings are that are not here yet, in the words of somebody who never had a token. */
function Holding({ held, balance, isPaidHere }: HoldingProps) {
  if (!isPaidHere) return <p class="faint">{t("wallet.paidElsewhere")}</p>;
  if (isZero(remaining(balance.released, balance.settled))) return null;
  return (
    <details class="more">
      <summary>{t("wallet.whenTitle")}</summary>
      <p>{t("wallet.when")}</p>
      {isZero(held) && <p>{t("wallet.whenFirst")}</p>}
    </details>
  );
}
