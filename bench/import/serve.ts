import { openFront } from "#src/main/front";
import type { Places } from "../load/profile.ts";
import { serve } from "../load/serve.ts";

/** What an import passes through, by whose files do it; streams between two of them work for the one before. */
const stages: Places = [
  [
    "hashes",
    /\/dist\/(core\/(hash|log-tree)|main\/crypto|engine\/task-(hash|runs))|\/api\/rows\/import-body|^node:internal\/crypto\//,
  ],
  ["rows of CSV and JSON", /\/dist\/api\/(rows\/(csv|json|utf8)|json-body)/],
  ["rows as tasks, checked", /\/dist\/(api|contract|market|verification|core)\//],
  ["COPY's format, its driver", /\/dist\/store\/|\/node_modules\/(pg|pg-[a-z-]+)\//],
  ["engine", /\/dist\/engine\//],
  ["HTTP", /\/node_modules\/|^node:_http_/],
];

const [, , dataFolder = ""] = process.argv;
await serve(
  dataFolder,
  (network, { apiLog }) =>
    openFront(network, { host: "127.0.0.1", port: 0, apiLog, say: (line) => console.error(line) }),
  stages,
);
