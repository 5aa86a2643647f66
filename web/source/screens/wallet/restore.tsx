import { useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { apps, connectApp } from "../../keys/apps.ts";
import { moveIn } from "../../keys/move-in.ts";
import { openPasskey, passkeyLack } from "../../keys/passkey.ts";
import { openedFile, type RecoveryFile, recoveryFileOf } from "../../keys/recovery-file.ts";
import { keptOfApp, keptOfSeed } from "../../keys/wallet.ts";
import { useLoss } from "../../parts/loss.ts";
import { Problem } from "../../parts/problem.tsx";
import { type Task, useTask } from "../../parts/task.ts";
import { useStore } from "../../store.ts";
import { shortKey } from "../work-header.tsx";
import { Password } from "./save.tsx";

/** The key from elsewhere: of a passkey, of a file, or the one of a wallet that somebody has already. */
export function Restore() {
  const names = useStore(apps);
  const task = useTask();
  const [isWarned, setWarned] = useState(false);
  const loss = useLoss();
  const lack = passkeyLack();
  const isBlocked = task.isBusy || (loss !== null && !isWarned);
  return (
    <section>
      <details class="more">
        <summary>{t("restore.title")}</summary>
        <div class="choices">
          <p>{t("restore.text")}</p>
          {loss !== null && (
            <label class="warning">
              <input type="checkbox" checked={isWarned} onChange={() => setWarned(!isWarned)} />
              <span>{loss}</span>
            </label>
          )}
          {task.problem !== null && <Problem error={task.problem} />}
          <div class="choice">
            <h3>{t("save.passkey")}</h3>
            <p class="faint">{t(lack ?? "restore.passkeyText")}</p>
            <button
              type="button"
              class="button"
              disabled={lack !== null || isBlocked}
              onClick={() =>
                task.run(async () => moveIn(await keptOfSeed(await openPasskey(), { passkeyAtMs: Date.now() })))
              }
            >
              {t("restore.withPasskey")}
            </button>
          </div>
          <RestoreFile task={task} isBlocked={isBlocked} />
          <div class="choice">
            <h3>{t("restore.app")}</h3>
            <p class="faint">{t(names.length === 0 ? "app.none" : "restore.appText")}</p>
            {names.map((name) => (
              <button
                key={name}
                type="button"
                class="button"
                disabled={isBlocked || !isSecureContext}
                onClick={() => task.run(async () => moveIn(keptOfApp(name, (await connectApp(name)).publicKey)))}
              >
                {t("restore.withApp", { name })}
              </button>
            ))}
          </div>
        </div>
      </details>
    </section>
  );
}

function RestoreFile({ task, isBlocked }: { readonly task: Task; readonly isBlocked: boolean }) {
  const [file, setFile] = useState<RecoveryFile | null>(null);
  const [password, setPassword] = useState("");
  const choose = (chosen: File | undefined): void => {
    setFile(null);
    if (chosen !== undefined) task.run(async () => setFile(recoveryFileOf((await chosen.text()).slice(0, 10_000))));
  };
  const open = async (given: RecoveryFile): Promise<void> =>
    moveIn(await keptOfSeed(await openedFile(given, password), { fileAtMs: Date.now() }));
  return (
    <form
      class="choice form"
      onSubmit={(event) => {
        event.preventDefault();
        if (file !== null) task.run(() => open(file));
      }}
    >
      <h3>{t("save.file")}</h3>
      <label class="field">
        <span>{t("restore.chooseFile")}</span>
        <input
          type="file"
          class="input"
          accept="application/json,.json"
          disabled={isBlocked || !isSecureContext}
          onChange={({ currentTarget }) => choose(currentTarget.files?.[0])}
        />
      </label>
      {!isSecureContext && <p class="faint">{t("save.needsHttps")}</p>}
      {file !== null && (
        <>
          <p class="faint">{t("restore.fileOf", { key: shortKey(file.address) })}</p>
          <Password value={password} onInput={setPassword} autocomplete="current-password" />
          <button type="submit" class="button" disabled={isBlocked || password === ""}>
            {t(task.isBusy ? "common.loading" : "restore.open")}
          </button>
        </>
      )}
    </form>
  );
}
