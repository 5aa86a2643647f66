import { useState } from "preact/hooks";
import { contributor } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { moveOut } from "../../keys/move-in.ts";
import { saveAs } from "../../parts/download.ts";
import { useLoss } from "../../parts/loss.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { useStore } from "../../store.ts";
import { Notify } from "./notify.tsx";
import { ownData } from "./own-data.ts";

/** What this device tells, what it knows, and how it forgets it. */
export function DeviceSettings() {
  const known = useStore(contributor);
  return (
    <div class="choices">
      <Notify />
      {/* A page of its own, not a screen of this one: it comes with a policy that lets it ask this computer. */}
      <a class="button-text" href="/node">
        {t("device.node")}
      </a>
      {known !== null && <Export />}
      {known !== null && <Delete />}
    </div>
  );
}

function Export() {
  const task = useTask();
  const save = async (): Promise<void> =>
    saveAs("earnest-about-me.json", JSON.stringify(await ownData(), null, 2), "application/json");
  return (
    <section class="choice">
      <h3>{t("export.title")}</h3>
      <p class="faint">{t("export.text")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      <button type="button" class="button" disabled={task.isBusy} onClick={() => task.run(save)}>
        {t(task.isBusy ? "export.busy" : "export.download")}
      </button>
    </section>
  );
}

function Delete() {
  const task = useTask();
  const loss = useLoss();
  const [isSure, setSure] = useState(false);
  return (
    <section>
      <details class="more">
        <summary>{t("delete.title")}</summary>
        <div class="choice">
          <p>{t("delete.text")}</p>
          <p class={loss === null ? "faint" : "warning"}>{loss ?? t("delete.saved")}</p>
          <label class="warning">
            <input type="checkbox" checked={isSure} onChange={() => setSure(!isSure)} />
            <span>{t("delete.sure")}</span>
          </label>
          {task.problem !== null && <Problem error={task.problem} />}
          <button
            type="button"
            class="button button-danger"
            disabled={!isSure || task.isBusy}
            onClick={() => task.run(moveOut)}
          >
            {t("delete.do")}
          </button>
        </div>
      </details>
    </section>
  );
}
