import { build, type Plugin } from "vite";
import { lightRoutes, ofConsole } from "./light-routes.ts";
import { precacheList } from "./precache.ts";
import { startGroup } from "./start-group.ts";

/**
 * Builds the application of a folder into another one: hashed assets, and a service worker that knows their names. The
 * console is built by itself, so that whoever earns loads nothing of it.
 */
export async function buildWeb(root: string, output: string): Promise<void> {
  await buildPage(root, output, {
    plugins: [lightRoutes(ofConsole), precacheList()],
    input: { index: `${root}/index.html`, "service-worker": `${root}/source/service-worker.ts` },
    entry: `${root}/source/main.tsx`,
    start: "index",
  });
  await buildPage(root, output, {
    plugins: [lightRoutes()],
    input: { console: `${root}/console.html` },
    entry: `${root}/source/console/main.tsx`,
    start: "console",
  });
}

interface Page {
  readonly plugins: readonly Plugin[];
  readonly input: Readonly<Record<string, string>>;
  readonly entry: string;
  /** The name of the one file that it starts with. */
  readonly start: string;
}

async function buildPage(root: string, output: string, { plugins, input, entry, start }: Page): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    base: "/",
    plugins: [...plugins],
    worker: { format: "es", plugins: () => [lightRoutes()] },
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
        input: { ...input },
        output: {
          entryFileNames: ({ name }) => (name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
          chunkFileNames: ({ facadeModuleId }) =>
            facadeModuleId?.includes("/messages/") ? "assets/messages-[name]-[hash].js" : "assets/[name]-[hash].js",
          assetFileNames: "assets/[name]-[hash][extname]",
          codeSplitting: { groups: [startGroup(entry, start)] },
        },
      },
    },
  });
}
