import type { Plugin } from "vite";
import { type RouteId, routes } from "#src/contract/routes";

const noSchemas = "\0no-schemas";

/**
 * The table of operations without its schemas: a page needs method and path, and the schemas would bring their library
 * along, which is as large as everything else together. Their types stay, as types cost nothing.
 */
export function lightRoutes(without: ReadonlySet<RouteId> = new Set()): Plugin {
  return {
    name: "light-routes",
    enforce: "pre",
    resolveId: (id) => (id === "zod" ? noSchemas : undefined),
    load(id) {
      if (id === noSchemas) return { code: noSchemasSource, moduleSideEffects: false };
      if (!id.endsWith("/src/contract/routes.ts")) return undefined;
      return { code: lightSource(without), moduleSideEffects: false };
    },
  };
}

/** Describes anything, and checks nothing: what stands beside schemas in a module of the contract still loads. */
const noSchemasSource = "export const z = new Proxy(() => z, { get: () => z, apply: () => z });";

/** Operations that the console alone calls: whoever earns need not load even their names. */
export const ofConsole: ReadonlySet<RouteId> = new Set<RouteId>([
  "planDeposit",
  "getClosing",
  "sendDeposit",
  "giveTestTokens",
  "getHoldings",
  "getSolvency",
  "listItems",
  "getItem",
  "getTimeline",
]);

export function lightSource(without: ReadonlySet<RouteId> = new Set()): string {
  const light = Object.fromEntries(
    Object.entries(routes)
      .filter(([id]) => !without.has(id as RouteId))
      .map(([id, route]) => {
        const { method, path, bodyKind, responseKind, idempotent } = route;
        return [id as RouteId, { id, method, path, bodyKind, responseKind, idempotent }];
      }),
  );
  return `export const routes = ${JSON.stringify(light)};\nexport const allRoutes = Object.values(routes);\n`;
}
