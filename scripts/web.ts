import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildWeb } from "./web/build-web.ts";
import { compress } from "./web/compress.ts";

/** The web application as the server hands it out: `npm run build` runs this after the compiler. */
const root = fileURLToPath(new URL("../../", import.meta.url));
const output = `${root}dist/web`;
rmSync(output, { recursive: true, force: true });
await buildWeb(`${root}web`, output);
compress(output);
