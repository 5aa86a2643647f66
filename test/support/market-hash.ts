import { type Bytes32, toUtf8 } from "../../src/core/bytes.ts";
import { sha256 } from "../../src/main/crypto.ts";

export { sha256 };

/** Any 32 bytes that a name stands for: keys, owners, salts, evidence. */
export const named = (name: string): Bytes32 => sha256(toUtf8(name));
