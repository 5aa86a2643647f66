import { useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Problem } from "../parts/problem.tsx";
import { useTask } from "../parts/task.ts";
import { signInHere, signInWith } from "./account.ts";

/** Who asks for work: this browser's own key, which takes nothing to type, or an API key. */
export function SignIn() {
  const [typed, setTyped] = useState("");
  const task = useTask();
  return (
    <div class="column sign-in">
      <h1 class="landing-title" tabIndex={-1}>
        {t("console.title")}
      </h1>
      <p class="landing-promise">{t("console.promise")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      <section class="choice">
        <h2>{t("console.here")}</h2>
        <p class="faint">{t("console.hereText")}</p>
        <button
          type="button"
          class="button button-main"
          disabled={task.isBusy}
          onClick={() => task.run(() => signInHere())}
        >
          {t(task.isBusy ? "common.loading" : "console.begin")}
        </button>
      </section>
      <form
        class="choice form"
        onSubmit={(event) => {
          event.preventDefault();
          task.run(() => signInWith(typed));
        }}
      >
        <h2>{t("console.withKey")}</h2>
        <p class="faint">{t("console.withKeyText")}</p>
        <label class="field">
          <span>{t("console.apiKey")}</span>
          <input
            class="input input-address"
            type="password"
            dir="ltr"
            autocomplete="off"
            spellcheck={false}
            placeholder="earnest_test_…"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" disabled={task.isBusy || typed.trim() === ""}>
          {t("console.signIn")}
        </button>
      </form>
    </div>
  );
}
