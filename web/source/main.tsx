import { render } from "preact";
import { App } from "./app.tsx";
import { contributor, recognise } from "./connection.ts";
import { preferredLanguage, speak } from "./i18n.ts";
import { applyTheme } from "./settings.ts";
import { start } from "./trouble.ts";
import { tellNewWork } from "./work/new-work.ts";
import { loadOutbox, sendNow } from "./work/outbox.ts";
import { loadOutcomes } from "./work/outcomes.ts";
import { tellByPush } from "./work/push.ts";
import { tellVerdicts } from "./work/tell.ts";
import { watchVerdicts } from "./work/watch.ts";

/** Not awaited by the module itself: what is loaded meanwhile, the code of a key for instance, waits for the module. */
async function begin(root: Element): Promise<void> {
  // The words and what this browser remembers come first, so that nothing is drawn twice. Neither may stop the page.
  await Promise.allSettled([speak(preferredLanguage()), recognise(), loadOutcomes(), loadOutbox()]);
  render(<App />, root);
  watchVerdicts();
  tellVerdicts();
  tellNewWork();
  // Keys of a subscription change now and then, and the network may be another one.
  const push = (): void => void tellByPush().catch(() => undefined);
  contributor.subscribe(push);
  push();
}

applyTheme();
const root = document.querySelector("#app");
if (root !== null) start(begin(root));

// Whoever leaves does not want to take anything back any more.
addEventListener("visibilitychange", () => {
  if (document.hidden) start(sendNow());
});

// A page without HTTPS has none; a private window may refuse it. Both work as long as there is a connection.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
