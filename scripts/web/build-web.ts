import { build } from "vite";
import { lightRoutes } from "./light-routes.ts";
import { precacheList } from "./precache.ts";
import { startGroup } from "./start-group.ts";

/** Builds the application of a folder into another one: hashed assets, and a service worker that knows their names. */
export async function buildWeb(root: string, output: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    base: "/",
    plugins: [lightRoutes(), precacheList()],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: output,
      emptyOutDir: false,
      target: ["es2023", "safari17", "firefox128", "chrome120"],
      // A preload helper and inlined files would need exceptions from the Content-Security-Policy.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: {
        // On a busy machine it complains of how long it took.
        checks: { bundlerTimings: false },
        input: { index: `${root}/index.html`, "service-worker": `${root}/source/service-worker.ts` },
        output: {
          entryFileNames: ({ name }) => (name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
          chunkFileNames: ({ facadeModuleId }) =>
            facadeModuleId?.includes("/messages/") ? "assets/messages-[name]-[hash].js" : "assets/[name]-[hash].js",
          assetFileNames: "assets/[name]-[hash][extname]",
          codeSplitting: { groups: [startGroup(`${root}/source/main.tsx`)] },
        },
      },
    },
  });
}
