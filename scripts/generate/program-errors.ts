import { programErrors } from "#src/rails/solana/program/program-errors";

/** program/errors.h: the numbers that the program returns, from the list that its client explains them with. */
export function programErrorsHeader(): string {
  const lines = Object.entries(programErrors).map(([name, [number, meaning]]) => {
    return `  /** ${meaning} */\n  ERROR_${name} = ${number}`;
  });
  return [
    "/* Made by `npm run generate` from src/rails/solana/program/program-errors.ts. Never edit it. */",
    "#pragma once",
    "",
    `enum {\n${lines.join(",\n")}\n};`,
    "",
  ].join("\n");
}
