import type { Plugin } from "vite";

/** What the service worker's source says where the list goes. */
export const placeholder = "__PRECACHE__";

/** Loaded when somebody wants them: they are kept once they were fetched, and not before. */
const isOptional = (name: string): boolean => /\/(?:messages-|pure-)/.test(name);

/** Writes the names of all files that the application needs to start into its service worker. */
export function precacheList(): Plugin {
  return {
    name: "precache-list",
    enforce: "post",
    generateBundle(_options, bundle) {
      const names = Object.keys(bundle).filter(
        (name) => name.startsWith("assets/") && !name.endsWith(".map") && !isOptional(name),
      );
      const worker = bundle["service-worker.js"];
      if (worker?.type !== "chunk") throw new Error("the application has no service worker");
      const list = JSON.stringify(names.sort().map((name) => `/${name}`));
      worker.code = worker.code.replaceAll(new RegExp(`["'\`]${placeholder}["'\`]`, "g"), JSON.stringify(list));
    },
  };
}
