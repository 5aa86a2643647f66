import { type Bytes32, bytes32, concatBytes, equalBytes, fromHex, toHex, toUtf8 } from "../core/bytes.ts";
import { encode, struct, u16, u32 } from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { canonicalJson } from "../core/json.ts";
import { parseJson } from "./body.ts";

/** The sealed half of a control task: what its commitment in the log stands for. */
export interface ControlAnswer {
  readonly task: number;
  /** The index of the right choice. */
  readonly answer: number;
  readonly salt: Bytes32;
}

const answerCodec = struct({ task: u32, answer: u16 });

/** The salt keeps the few possible answers from being tried out. */
export const controlCommitment = (hash: Hash, control: ControlAnswer): Bytes32 =>
  taggedHash(hash, tags.control, concatBytes(encode(answerCodec, control), control.salt));

export const sealControls = (controls: readonly ControlAnswer[]): Uint8Array =>
  toUtf8(canonicalJson(controls.map(({ task, answer, salt }) => ({ task, answer, salt: toHex(salt) }))));

/** @throws REPLAY-relevant MALFORMED_REQUEST where an answer does not fit its commitment. */
export function openControls(
  hash: Hash,
  commitments: readonly { readonly task: number; readonly commitment: Bytes32 }[],
  attachment: Uint8Array | null,
): ControlAnswer[] {
  const sealed = (attachment === null ? [] : parseJson(attachment)) as readonly {
    task: number;
    answer: number;
    salt: string;
  }[];
  const opened = sealed.map(({ task, answer, salt }) => ({ task, answer, salt: bytes32(fromHex(salt)) }));
  const fits =
    opened.length === commitments.length &&
    commitments.every(({ task, commitment }, i) => {
      const control = opened[i] as ControlAnswer;
      return control.task === task && equalBytes(controlCommitment(hash, control), commitment);
    });
  if (!fits)
    throw earnestError("MALFORMED_REQUEST", { where: "controls", problem: "an answer does not fit its commitment" });
  return opened;
}
