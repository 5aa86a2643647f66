import { useState } from "preact/hooks";
import type { Me } from "../../../../src/contract/sessions.ts";
import { toBase58, toUtf8 } from "../../../../src/core/bytes.ts";
import { enter, refreshMe, watched } from "../../connection.ts";
import { PageFault } from "../../fault.ts";
import { t } from "../../i18n.ts";
import { appSigner, apps, connectApp } from "../../keys/apps.ts";
import { verify } from "../../keys/wallet.ts";
import { Address } from "../../parts/address.tsx";
import { isZero } from "../../parts/amounts.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { useStore } from "../../store.ts";
import { AddressField, isAddress } from "./address-field.tsx";
import { explained } from "./refusals.ts";

interface PayingProps {
  readonly account: Me;
  readonly held: string;
  /** What lies here already shall go there too. */
  readonly onForward: (to: string) => void;
}

/** Where earnings are paid: to this key, or to a wallet that somebody has already. */
export function Paying({ account, held, onForward }: PayingProps) {
  const names = useStore(apps);
  const task = useTask();
  const isElsewhere = account.paidAt !== account.key;
  const payTo = async (wallet: string): Promise<void> => {
    await explained(watched((await enter()).payTo(wallet)));
    await refreshMe();
  };
  const link = async (name: string): Promise<void> => {
    const app = await connectApp(name);
    await checkOwner(name, appSigner(app), account.key);
    await payTo(toBase58(app.publicKey));
  };
  return (
    <section class="choices">
      <h2>{t("paying.title")}</h2>
      <div>
        <p class="faint">{t(isElsewhere ? "paying.elsewhere" : "paying.here")}</p>
        <Address of={account.paidAt} />
      </div>
      {task.problem !== null && <Problem error={task.problem} />}
      {isElsewhere && (
        <div class="buttons">
          {!isZero(held) && (
            <button type="button" class="button" onClick={() => onForward(account.paidAt)}>
              {t("paying.forward")}
            </button>
          )}
          <button
            type="button"
            class="button"
            disabled={task.isBusy}
            onClick={() => task.run(() => payTo(account.key))}
          >
            {t("paying.back")}
          </button>
        </div>
      )}
      <div class="choice">
        <h3>{t("paying.app")}</h3>
        <p class="faint">{t(names.length === 0 ? "app.none" : "paying.appText")}</p>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="button"
            disabled={task.isBusy}
            onClick={() => task.run(() => link(name))}
          >
            {t("paying.link", { name })}
          </button>
        ))}
      </div>
      <Typed account={account} isBusy={task.isBusy} onPayTo={(wallet) => task.run(() => payTo(wallet))} />
    </section>
  );
}

/** The wallet shows that its owner is here, before anything is paid to it: a watched address is nobody's wallet. */
async function checkOwner(name: string, signer: ReturnType<typeof appSigner>, contributor: string): Promise<void> {
  const text = t("paying.statement", { host: location.host, contributor });
  const message = toUtf8(text);
  if (!(await verify(signer.publicKey, message, await signer.sign(message)))) {
    throw new PageFault("APP_SIGNATURE_WRONG", "app.changed", { name });
  }
}

interface TypedProps {
  readonly account: Me;
  readonly isBusy: boolean;
  readonly onPayTo: (wallet: string) => void;
}

function Typed({ account, isBusy, onPayTo }: TypedProps) {
  const [to, setTo] = useState("");
  const [isSure, setSure] = useState(false);
  const isReady = isAddress(to, account.paidAt) && isSure;
  return (
    <details class="more">
      <summary>{t("paying.typed")}</summary>
      <form
        class="choice form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onPayTo(to);
        }}
      >
        <AddressField label={t("paying.address")} value={to} own={account.paidAt} onInput={setTo} />
        <label class="warning">
          <input type="checkbox" checked={isSure} onChange={() => setSure(!isSure)} />
          <span>{t("paying.sure")}</span>
        </label>
        <button type="submit" class="button" disabled={!isReady || isBusy}>
          {t("paying.change")}
        </button>
      </form>
    </details>
  );
}
