import type { Plugin } from "vite";
import { type RouteId, routes } from "#src/contract/routes";

/**
 * The table of operations without its schemas: a page needs method and path, and the schemas would bring their library
 * along, which is as large as everything else together. Their types stay, as types cost nothing.
 */
export function lightRoutes(): Plugin {
  return {
    name: "light-routes",
    load(id) {
      if (!id.endsWith("/src/contract/routes.ts")) return undefined;
      return { code: lightSource(), moduleSideEffects: false };
    },
  };
}

export function lightSource(): string {
  const light = Object.fromEntries(
    Object.entries(routes).map(([id, route]) => {
      const { method, path, bodyKind, responseKind, idempotent } = route;
      return [id as RouteId, { id, method, path, bodyKind, responseKind, idempotent }];
    }),
  );
  return `export const routes = ${JSON.stringify(light)};\nexport const allRoutes = Object.values(routes);\n`;
}
