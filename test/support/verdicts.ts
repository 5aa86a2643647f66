import { sha256 } from "../../src/client/sha256.ts";
import { toHex, toUtf8 } from "../../src/core/bytes.ts";
import { isEarnestError } from "../../src/core/errors.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { verifyCase } from "../../src/verification/kinds/cases.ts";
import { readKind, readVectors } from "../../src/verification/kinds/read-kind.ts";

/** A kind's file and that of its vectors, as they stand. */
export interface KindFiles {
  readonly kind: string;
  readonly vectors: string;
}

/** The name of every case with the digest of its verdict, whole, in canonical JSON; the same wherever this runs. */
export function digestsOf(files: readonly KindFiles[]): string[] {
  return files.flatMap(({ kind: kindText, vectors }) => {
    const kind = readKind(JSON.parse(kindText) as Json);
    return readVectors(JSON.parse(vectors) as Json).map(({ name, parameters, evidence, context }) => {
      const found = verdictOf(() => verifyCase(kind, { spec: { parameters }, evidence, context }));
      return `${kind.kind}, ${name}: ${toHex(sha256(toUtf8(found)))}`;
    });
  });
}

/** Or what it is refused with. */
function verdictOf(verify: () => object): string {
  try {
    return canonicalJson(verify() as unknown as Json);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return error.message;
  }
}

Object.assign(globalThis, { digestsOf });
