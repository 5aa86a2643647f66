import { verifySignature } from "#src/client/keys";
import { sha256 } from "#src/client/sha256";
import { bytes32, fromBase64, fromHex } from "#src/core/bytes";
import { CheckedSignatures } from "#src/market/settlement/checked-signatures";
import { decodeReceipt } from "#src/market/settlement/receipt";
import { type ReceiptTrust, ReceiptVerifier } from "#src/market/settlement/verify-receipt";

/** Trust as a page can be handed it: bytes in hexadecimal. */
export interface TrustInHex {
  readonly signer: string;
  readonly program: string;
  readonly cluster: string;
  readonly network: string;
  readonly pool: string;
  readonly attestors: readonly string[];
  readonly threshold: number;
}

/** Milliseconds of each round, in which all receipts are decoded and verified anew; nothing is known from the last. */
export async function verifyInPage(
  receipts: readonly string[],
  trustInHex: TrustInHex,
  rounds: number,
): Promise<readonly number[]> {
  const trust = trustOf(trustInHex);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const checked = new CheckedSignatures(({ key, message, signature }) => verifySignature(key, message, signature));
    const verifier = new ReceiptVerifier(trust, sha256, checked.verify);
    for (const text of receipts) {
      const receipt = decodeReceipt(fromBase64(text));
      await checked.check(receipt, trust, sha256);
      const found = verifier.verify(receipt);
      if (!found.ok) throw new Error(`${found.reason} ${found.where}`);
    }
    times.push(performance.now() - start);
  }
  return times;
}

const key = (hex: string) => bytes32(fromHex(hex));

function trustOf({ signer, program, cluster, network, pool, attestors, threshold }: TrustInHex): ReceiptTrust {
  const set = { threshold, keys: attestors.map(key) };
  const places = { program: key(program), cluster: key(cluster), network: key(network), pool: key(pool) };
  return { signer: key(signer), commits: { ...places, sets: { get: () => set } } };
}
