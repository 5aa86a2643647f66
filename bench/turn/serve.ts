import { openFront } from "#src/main/front";
import { serve } from "../load/serve.ts";

const [, , dataFolder = ""] = process.argv;
await serve(dataFolder, (network, { apiLog }) =>
  openFront(network, { host: "127.0.0.1", port: 0, apiLog, say: (line) => console.error(line) }),
);
