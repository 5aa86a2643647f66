import { describe, expect, it } from "vitest";
import { type Bytes32, bytes32, toHex, toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { marketId } from "../core/market-id.ts";
import { bodyHashOf } from "../core/statements.ts";
import { readBody } from "../market/body.ts";
import { generateSigner, type Signer, signerFromSeed, verifySignature } from "./keys.ts";
import { saltedBody, saltOf, saltSecretOf, saltText } from "./salt.ts";
import { sha256 } from "./sha256.ts";

const market = "00112233445566778899aabbccddeeff";
const wallet = (byte: number): Promise<Signer> => signerFromSeed(new Uint8Array(32).fill(byte));
const secretOf = (byte: number): Bytes32 => bytes32(new Uint8Array(32).fill(byte));

describe("the secret of a contributor's salts", () => {
  it("comes of the wallet's signature, and is pinned: another would make a retry another answer", async () => {
    const secret = await saltSecretOf(await wallet(1));
    expect(toHex(secret)).toBe("158ead594dd46870e10e08a6998d4ccab70a7cdf040695ccb47672d2a52141ed");
    expect(saltOf(secret, marketId(market), { task: 17, ordinal: 2 })).toBe("7a9e5870c2d061851bc8a1c98d145f5e");
  });

  it("is the same after any restart of one wallet, and another of another", async () => {
    expect(await saltSecretOf(await wallet(1))).toEqual(await saltSecretOf(await wallet(1)));
    expect(await saltSecretOf(await wallet(1))).not.toEqual(await saltSecretOf(await wallet(2)));
  });

  it("is that of a key which nobody can read, as long as the key is kept", async () => {
    const signer = await generateSigner();
    expect(await saltSecretOf(signer)).toEqual(await saltSecretOf(signer));
  });

  it("is asked of the wallet in words that say what is signed", async () => {
    const signer = await wallet(1);
    const asked: Uint8Array[] = [];
    const sign = (message: Uint8Array) => {
      asked.push(message);
      return signer.sign(message);
    };
    const asking: Signer = { publicKey: signer.publicKey, sign };
    await saltSecretOf(asking);
    expect(asked).toEqual([toUtf8(saltText)]);
    expect(saltText).toContain("costs nothing and moves no money");
    const signature = await signer.sign(toUtf8(saltText));
    expect(await verifySignature(signer.publicKey, toUtf8(saltText), signature)).toBe(true);
  });

  it("is random where the wallet will not sign", async () => {
    const { publicKey } = await wallet(1);
    const refusing: Signer = { publicKey, sign: () => Promise.reject(new Error("the owner said no")) };
    const [one, two] = [await saltSecretOf(refusing), await saltSecretOf(refusing)];
    expect(one).toHaveLength(32);
    expect(one).not.toEqual(two);
  });
});

describe("a salt", () => {
  it("differs by secret, market, task and ordinal", () => {
    const other = "ffeeddccbbaa99887766554433221100";
    const salts = [1, 2].flatMap((secret) =>
      [market, other].flatMap((id) =>
        [0, 1].flatMap((task) => [0, 1].map((ordinal) => saltOf(secretOf(secret), marketId(id), { task, ordinal }))),
      ),
    );
    expect(new Set(salts).size).toBe(16);
    for (const salt of salts) expect(salt).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is put beside the fields of a body, once", () => {
    const salt = saltOf(secretOf(1), marketId(market), { task: 3, ordinal: 0 });
    const body = saltedBody(secretOf(1), market, "3.0", { answer: "a", note: "ü" });
    expect(body).toEqual({ answer: "a", note: "ü", salt });
    expect(saltedBody(secretOf(2), market, "4.0", body)).toEqual(body);
  });

  it.each([1, null, "a", true, [["a"]]] as Json[])("is not forced on %j", (body) => {
    expect(saltedBody(secretOf(1), market, "3.0", body)).toEqual(body);
  });

  it("is what the server takes, and hides equal answers from each other and from whoever tries the choices", () => {
    const choices = ["a", "b"];
    const bodies = [1, 2].map((secret) => saltedBody(secretOf(secret), market, "3.0", { answer: "a" }));
    const read = bodies.map((body) => readBody({ type: "choice", choices }, toUtf8(JSON.stringify(body))));
    expect(read).toEqual([0, 0]);
    const hashes = bodies.map((body) => toHex(bodyHashOf(sha256, body)));
    const tried = choices.map((answer) => toHex(bodyHashOf(sha256, { answer })));
    expect(new Set([...hashes, ...tried]).size).toBe(4);
  });
});
