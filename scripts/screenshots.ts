import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { photograph } from "./screenshots/photograph.ts";
import { startDemonstration } from "./screenshots/start.ts";

/**
 * `npm run screenshots`: every screen at the width of a phone and of a desk, in light and dark, into a folder that git
 * does not see. With --server the pages of a server that runs; else a demonstration is started and ended.
 */
const { values } = parseArgs({
  options: {
    server: { type: "string" },
    out: { type: "string", default: "dist/screenshots" },
    locale: { type: "string", default: "en-GB" },
  },
});
mkdirSync(values.out, { recursive: true });
const demonstration = values.server === undefined ? await startDemonstration() : null;
try {
  const url = values.server ?? demonstration?.url ?? "";
  for (const path of await photograph({ url, folder: values.out, locale: values.locale })) console.log(path);
} finally {
  await demonstration?.stop();
}
