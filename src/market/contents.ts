import { fromBase64, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { Field } from "../core/field.ts";
import type { Hash } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { named } from "../verification/algebra/read-values.ts";
import { malformedAnswer } from "../verification/answers/answer.ts";
import { type Evidence, type Named, own, type Run } from "../verification/primitives/evidence.ts";
import { parseJson } from "./body.ts";
import type { BytesSource, KnownRun } from "./known.ts";

type Runs = Named<KnownRun>;

/**
 * The bytes that a submission brings: the field `content` of a body `{"answer": …, "content": {"proof": "base64"}}`.
 *
 * @throws MALFORMED_ANSWER
 */
export function readContents(body: Uint8Array): Named<Uint8Array> {
  const { content } = (parseJson(body) ?? {}) as { readonly content?: Json };
  return named(new Field(content, "content", malformedAnswer), readBase64);
}

function readBase64(field: Field): Uint8Array {
  if (typeof field.value !== "string") return field.fail("must be base64");
  try {
    return fromBase64(field.value);
  } catch {
    return field.fail("must be base64");
  }
}

const nameOf = (source: object | null): string[] =>
  source !== null && "content" in source ? [source.content as string] : [];

/** The names under which these runs ask a submission for bytes. */
export const contentNames = (runs: Runs): ReadonlySet<string> =>
  new Set(
    Object.values(runs).flatMap(({ program, input, output }) =>
      [program, input, output].flatMap((source) => nameOf(source)),
    ),
  );

/**
 * Evidence with the hashes of what was brought, and with the runs as they will be executed: of bytes nobody has to be
 * believed, and the market's own inputs are not for a contributor to choose.
 */
export function withContents(hash: Hash, runs: Runs, evidence: Evidence, contents: Named<Uint8Array>): Evidence {
  const names = contentNames(runs);
  const claimed = Object.entries(evidence.digests).filter(([name]) => !names.has(name));
  const brought = Object.entries(contents).filter(([name]) => names.has(name));
  const digests = Object.fromEntries([...claimed, ...brought.map(([name, bytes]) => [name, toHex(hash(bytes))])]);
  return withRuns(runs, { ...evidence, digests });
}

/** The runs that follow from what is known and from the hashes of what was brought; one that lacks its bytes is none. */
export function withRuns(runs: Runs, evidence: Evidence): Evidence {
  const { digests } = evidence;
  const made = Object.entries(runs).flatMap(([name, { program, input, output }]): [string, Run][] => {
    const inputHash = hashOf(input, digests);
    if (inputHash === null || hashOf(program, digests) === null) return [];
    return [[name, { inputHash, outputHash: output === null ? null : hashOf(output, digests) }]];
  });
  return { ...evidence, runs: Object.fromEntries(made) };
}

export const hashOf = (source: BytesSource, digests: Named<string>): string | null =>
  "hash" in source ? source.hash : (own(digests, source.content) ?? null);

/** Where owners have to bring the same bytes, the answer is their hash: so that tasks settle on it. */
export function requireHashAnswer(hash: Hash, name: string, contents: Named<Uint8Array>, answer: unknown): void {
  const bytes = own(contents, name);
  // Who brings nothing is rejected for that.
  if (bytes === undefined || answer === toHex(hash(bytes))) return;
  throw earnestError("MALFORMED_ANSWER", { problem: `the answer must be the SHA-256 of the content "${name}"` });
}
