import { openApiText } from "#src/contract/open-api-text";
import { cliPage } from "./cli-page.ts";
import { consoleKinds } from "./console-kinds.ts";
import { errorsPage } from "./errors-page.ts";
import { programErrorsHeader } from "./program-errors.ts";
import { schemaDump } from "./schema.ts";

/** A file in git that is made from others: never edited by hand, and refused by the check when it is not fresh. */
export interface Generated {
  readonly path: string;
  readonly make: () => string | Promise<string>;
}

export const generated: readonly Generated[] = [
  { path: "docs/cli.md", make: cliPage },
  { path: "docs/errors.md", make: errorsPage },
  { path: "docs/openapi.json", make: openApiText },
  { path: "program/errors.h", make: programErrorsHeader },
  { path: "sql/schema.sql", make: schemaDump },
  { path: "web/source/console/create/generated/kinds.ts", make: consoleKinds },
];
