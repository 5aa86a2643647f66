import { useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { go } from "../../router.ts";
import { pathOfReceipt } from "../routes.ts";

/** A receipt is checked by the code that attestors run, in the page of whoever looks. */
export function CheckReceipt() {
  const [typed, setTyped] = useState("");
  const found = /([0-9a-f]{32})[/ ]+(\d{1,10}\.\d{1,4})/.exec(typed);
  return (
    <section class="panel" id="check">
      <h2>{t("explore.receipt")}</h2>
      <p class="faint">{t("explore.receiptText")}</p>
      <form
        class="field-line"
        onSubmit={(event) => {
          event.preventDefault();
          if (found !== null) go(pathOfReceipt(found[1] as string, found[2] as string));
        }}
      >
        <input
          class="input input-address"
          dir="ltr"
          spellcheck={false}
          aria-label={t("explore.receiptOf")}
          placeholder={t("explore.receiptOf")}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" class="button" disabled={found === null}>
          {t("explore.check")}
        </button>
      </form>
    </section>
  );
}
