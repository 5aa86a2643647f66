import { useId, useState } from "preact/hooks";
import { keyPairOf } from "../../../../src/client/keys.ts";
import type { Me } from "../../../../src/contract/sessions.ts";
import { fromBase58 } from "../../../../src/core/bytes.ts";
import { enter, watched } from "../../connection.ts";
import { t, timeText } from "../../i18n.ts";
import { passkeyLack, wrapWithPasskey } from "../../keys/passkey.ts";
import { passwordCharactersMin, sealedFile } from "../../keys/recovery-file.ts";
import { seedOf } from "../../keys/seed.ts";
import { type KeptWallet, keep } from "../../keys/wallet.ts";
import { saveAs } from "../../parts/download.ts";
import { Icon } from "../../parts/icons.tsx";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../work-header.tsx";

interface SaveProps {
  readonly kept: KeptWallet | null;
  readonly account: Me;
}

/** So that the key outlives this browser: in a passkey, or in a file under a password. */
export function Save({ kept, account }: SaveProps) {
  if (kept === null) return null;
  const { app, saved = {} } = kept;
  if (app !== undefined) {
    return (
      <section>
        <h2>{t("save.title")}</h2>
        <Badge isSaved />
        <p>{t("save.inApp", { name: app.name })}</p>
      </section>
    );
  }
  const isSaved = saved.passkeyAtMs !== undefined || saved.fileAtMs !== undefined;
  return (
    <section class="choices">
      <h2>{t("save.title")}</h2>
      <Badge isSaved={isSaved} />
      <p>{t(isSaved ? "save.savedText" : "save.text")}</p>
      <SavePasskey kept={kept} account={account} />
      <SaveFile kept={kept} account={account} />
      <p class="faint">{t("save.orLink")}</p>
    </section>
  );
}

function Badge({ isSaved }: { readonly isSaved: boolean }) {
  return (
    <p class={`badge badge-${isSaved ? "paid" : "waiting"}`}>
      <Icon name={isSaved ? "check" : "clock"} />
      {t(isSaved ? "save.saved" : "save.unsaved")}
    </p>
  );
}

function SavePasskey({ kept, account }: { readonly kept: KeptWallet; readonly account: Me }) {
  const task = useTask();
  const lack = passkeyLack();
  const atMs = kept.saved?.passkeyAtMs;
  const save = async (): Promise<void> => {
    const seed = await seedOf(kept);
    const name = t("save.passkeyName", { key: shortKey(account.key) });
    const { id, wrapped } = await wrapWithPasskey(seed, { publicKey: fromBase58(account.key), name });
    await watched((await enter()).saveKey(id, wrapped));
    const saved = { ...kept.saved, passkeyAtMs: Date.now() };
    // From now on the passkey gives the key, and this browser only signs with it.
    await keep({ ...kept, ...(kept.pair !== undefined && { pair: await keyPairOf(seed) }), saved });
  };
  return (
    <div class="choice">
      <h3>{t("save.passkey")}</h3>
      <p class="faint">{t("save.passkeyText")}</p>
      {lack !== null && <p class="faint">{t(lack)}</p>}
      {atMs !== undefined && <p class="faint">{t("save.done", { time: timeText(atMs) })}</p>}
      {task.problem !== null && <Problem error={task.problem} />}
      <button
        type="button"
        class={atMs === undefined ? "button button-main" : "button"}
        disabled={lack !== null || task.isBusy}
        onClick={() => task.run(save)}
      >
        {t(atMs === undefined ? "save.withPasskey" : "save.again")}
      </button>
    </div>
  );
}

function SaveFile({ kept, account }: { readonly kept: KeptWallet; readonly account: Me }) {
  const task = useTask();
  const [isOpen, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const atMs = kept.saved?.fileAtMs;
  const save = async (): Promise<void> => {
    const file = await sealedFile(await seedOf(kept), account.key, password);
    saveAs(`earnest-${account.key.slice(0, 8)}.json`, JSON.stringify(file, null, 2), "application/json");
    await keep({ ...kept, saved: { ...kept.saved, fileAtMs: Date.now() } });
    setOpen(false);
    setPassword("");
  };
  return (
    <div class="choice">
      <h3>{t("save.file")}</h3>
      <p class="faint">{t(isSecureContext ? "save.fileText" : "save.needsHttps")}</p>
      {atMs !== undefined && <p class="faint">{t("save.done", { time: timeText(atMs) })}</p>}
      {task.problem !== null && <Problem error={task.problem} />}
      {isOpen ? (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            task.run(save);
          }}
        >
          {/* Managers of passwords keep it under the address that it opens. */}
          <input
            class="hidden"
            type="text"
            autocomplete="username"
            value={account.key}
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
          <Password
            value={password}
            onInput={setPassword}
            autocomplete="new-password"
            hint={t("save.passwordText", { count: passwordCharactersMin })}
          />
          <button type="submit" class="button button-main" disabled={task.isBusy || !isLongEnough(password)}>
            {t(task.isBusy ? "common.loading" : "save.download")}
          </button>
        </form>
      ) : (
        <button type="button" class="button" disabled={!isSecureContext} onClick={() => setOpen(true)}>
          {t(atMs === undefined ? "save.withFile" : "save.again")}
        </button>
      )}
    </div>
  );
}

const isLongEnough = (password: string): boolean => password.normalize("NFKC").length >= passwordCharactersMin;

interface PasswordProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly autocomplete: "new-password" | "current-password";
  readonly hint?: string;
}

export function Password({ value, onInput, autocomplete, hint }: PasswordProps) {
  const id = useId();
  const [isShown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={id}>{t("save.password")}</label>
      <span class="field-line">
        <input
          id={id}
          class="input"
          type={isShown ? "text" : "password"}
          value={value}
          autocomplete={autocomplete}
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
        <button type="button" class="button-text" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {t("save.show")}
        </button>
      </span>
      <span id={`${id}-hint`} class="faint">
        {hint ?? ""}
      </span>
    </div>
  );
}
