import { render } from "preact";
import { preferredLanguage, speak } from "../i18n.ts";
import { applyTheme } from "../settings.ts";
import { start } from "../trouble.ts";
import { recallAccount } from "./account.ts";
import { Shell } from "./shell.tsx";
import { addConsoleWords } from "./words.ts";

async function begin(root: Element): Promise<void> {
  await addConsoleWords();
  await speak(preferredLanguage());
  start(recallAccount());
  render(<Shell />, root);
}

applyTheme();
const root = document.querySelector("#app");
if (root !== null) start(begin(root));
