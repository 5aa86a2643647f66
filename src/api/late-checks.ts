import type { FastifyServerOptions } from "fastify";

type Ajv = Parameters<NonNullable<NonNullable<FastifyServerOptions["ajv"]>["onCreate"]>>[0];
type Check = ReturnType<Ajv["compile"]>;

/**
 * The check of a schema is made when something is first held to it. Those of all operations are a third of what a server
 * does before it listens, and a server that starts again has people waiting; of most it needs none for long.
 */
export function checkLate(ajv: Ajv): void {
  const compile = ajv.compile.bind(ajv);
  const late = (schema: Parameters<Ajv["compile"]>[0]): Check => {
    let made: Check | null = null;
    const check: { (...given: Parameters<Check>): boolean; errors?: Check["errors"] } = (...given) => {
      made ??= compile(schema);
      const fits = made(...given) === true;
      // Fastify reads them of the function that it called.
      check.errors = made.errors ?? null;
      return fits;
    };
    return check as Check;
  };
  ajv.compile = late as Ajv["compile"];
}
