import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { settings } from "../../settings.ts";
import { useStore } from "../../store.ts";
import { tellByPush, tellByPushNoMore } from "../../work/push.ts";

type Ability = "can" | "needsHttps" | "missing" | "blocked";

function ability(): Ability {
  if (!isSecureContext) return "needsHttps";
  if (typeof Notification === "undefined" || !("serviceWorker" in navigator)) return "missing";
  return Notification.permission === "denied" ? "blocked" : "can";
}

/** Notifications of this device. The browser asks whether it may only when somebody wants them. */
export function Notify() {
  const { notify } = useStore(settings);
  const [able, setAble] = useState<Ability>(ability());
  const [isPushed, setPushed] = useState(false);
  const isOn = notify && able === "can" && Notification.permission === "granted";
  useEffect(() => {
    if (isOn) tellByPush().then(setPushed, () => setPushed(false));
  }, [isOn]);
  const change = async (): Promise<void> => {
    const isWanted = !isOn && (await Notification.requestPermission()) === "granted";
    setAble(ability());
    settings.update((now) => ({ ...now, notify: isWanted }));
    if (!isWanted) await tellByPushNoMore();
  };
  return (
    <section class="choice">
      <h3>{t("notify.title")}</h3>
      <p class="faint">{t(able === "can" ? "notify.text" : `notify.${able}`)}</p>
      <label class="switch">
        <input
          type="checkbox"
          checked={isOn}
          disabled={able !== "can"}
          onChange={() => void change().catch(() => setAble(ability()))}
        />
        <span>{t("notify.on")}</span>
      </label>
      <p class="faint">{t(isOn && isPushed ? "notify.pushed" : "notify.closed")}</p>
    </section>
  );
}
