import { describe, expect, it } from "vitest";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { concatBytes, fromUtf8, toHex, toUtf8, zero32 } from "./bytes.ts";
import { hashAllBy, jsonHash, type Tag, taggedBytes, taggedHash, tags } from "./hash.ts";
import { canonicalJson, type Json } from "./json.ts";
import { marketId } from "./market-id.ts";
import {
  bodyBytesHash,
  bodyHashes,
  bodyHashOf,
  headStatement,
  parseSignInText,
  signInText,
  submissionsStatement,
} from "./statements.ts";

describe("a tagged hash", () => {
  it("is the hash of the tag, a zero byte and the content", () => {
    const content = toUtf8("content");
    const bytes = concatBytes(toUtf8("earnest/task/1"), new Uint8Array(1), content);
    expect(toHex(taggedBytes(tags.task, content))).toBe(toHex(bytes));
    expect(toHex(taggedHash(sha256, tags.task, content))).toBe(toHex(sha256(bytes)));
  });

  it("of a body is that of its canonical bytes", () => {
    const body: Json = { salt: "0123456789abcdef", answer: ["é", 1.5] };
    expect(bodyBytesHash(sha256, toUtf8(canonicalJson(body)))).toEqual(bodyHashOf(sha256, body));
  });

  it("of many bodies is that of each, one after another", () => {
    const bodies = ["{}", "", '{"answer":"yes"}'].map((text) => toUtf8(text));
    const expected = concatBytes(...bodies.map((body) => bodyBytesHash(sha256, body)));
    expect(toHex(bodyHashes(hashAllBy(sha256), bodies))).toBe(toHex(expected));
    expect(bodyHashes(hashAllBy(sha256), [])).toHaveLength(0);
  });

  const golden: Readonly<Record<Tag, string>> = {
    "earnest/spec/1": "32edbc27e546e4ab321a5b9f15d0e8cb125860a459df803e156f6112fd7fba3d",
    "earnest/task/1": "cf91a96d7ec64f03f501a3309bd4622f6261833c51c3dfd539f292a1ee3542ec",
    "earnest/submission/1": "dab6ff070a8ea23ea9db5a4606ca5ce517039bb0d75dc2fa6e86cb9b484c2f0c",
    "earnest/request/1": "f13d2977f92c5244543a18cd35a6a97943f7828f492bd78b26ea964d89499ef3",
    "earnest/control/1": "dbe90007bca5ae3092d1babc0e3b55ec8e43581c56875ff9b14bc57f2e63b713",
    "earnest/questions/1": "bc62ad96bcb86bd00f7619f426b08655aa4d6aae2ed67d51be537d8fbd982f9e",
    "earnest/answers/1": "c21b73b5f32d0f130e8d3a59d7dcd671bdb00dba840577fdf7afb3cae0ea22e2",
    "earnest/model/1": "8dce82a964ee64294eb9b2d1cbb20d30b88e482537305c88d6ba1c8bfbed6f99",
    "earnest/state/4": "e608e143661d89648125e0a5e6a8bae94fd46da7d9275685d9b689144b6893b4",
    "earnest/panel/1": "84a245f0c21485026634a04a7013b32adeb8e552a6798994d411e7842d4e386a",
    "earnest/head/1": "391ae8ceadbaad959619fb600b32a220d2f5adf23433b535106cf5f177fd7fbc",
    "earnest/salt/1": "140349302a19eb14a738fe8ed1e054d68a165107670657d8d8c6c53da1cb33d2",
    "earnest/pay-to/1": "7712a81f8301f9eda7967568405c75cea69a36334e72fec400964fa3e9375575",
    "earnest/attestor/1": "2faa3b5ceb8d1ef087b1c55d19d3bfbecee64451eb3ddd3198a9e1ca57a2f60a",
    "earnest/outcome/1": "5e0563356c448632106f2ba619bce62f31c61ee742df9061d34e8430962bb83a",
    "earnest/crash/1": "e4ffd291ba555ce4becfbf38d5d3bdb6606c294bbe72bdcfabcaf10d5014902f",
    "earnest/running/1": "7af5fa414e22b01164c4371d2c8408f0823f7b996334581873a969eda1357006",
    "earnest/coverage/1": "b83ce29b4a74137be3eeb2da5c0c12ac8978f98110dcc0577a81dd5799e0d868",
    "earnest/commitment/1": "2bb57d2eb4bc5139365cad1ecbe5e372d11f4b8f160be55e356f37a3af7e0e88",
    "earnest/tunnel/1": "57bb312dcdfa36951c466c8d8989924a33fadf58a25c2ba26a2aa365fc15d814",
    "earnest/update/1": "e8bbe0b8e6e3bdd0261e3a09478729e275ca8e9a1aa4a579bccb5b318bc95f57",
    "earnest/reputation/1": "9c7cf99dfe641bec00be781253d339bd5896a0f89202bc640a7171620773a096",
    "earnest/challenge/1": "753ef488eed860a114776e09e8b7c818d486932d9950c51a7b6a736e49d9eb87",
  };
  it.each(Object.entries(golden) as [Tag, string][])("under %s is pinned", (tag, hex) => {
    expect(toHex(taggedHash(sha256, tag, toUtf8("abc")))).toBe(hex);
  });

  it("has a tag for each purpose, none of which begins another", () => {
    const all = Object.values(tags);
    expect(all.toSorted()).toEqual(Object.keys(golden).toSorted());
    for (const tag of all) expect(all.filter((other) => other.startsWith(tag))).toEqual([tag]);
  });
});

describe("canonical JSON", () => {
  it.each([
    // RFC 8785 section 3.2.3: keys by UTF-16 code units.
    [
      { "€": "Euro", "\r": "CR", "\ufb33": "Hebrew", "1": "One", "😀": "Smile", "\u0080": "Control", ö: "o" },
      '{"\\r":"CR","1":"One","\u0080":"Control","ö":"o","€":"Euro","😀":"Smile","\ufb33":"Hebrew"}',
    ],
    [
      { numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], literals: [null, true, false] },
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
    ],
    ['€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [-0, "0"],
    [{ b: { z: 1, a: [] }, a: {} }, '{"a":{},"b":{"a":[],"z":1}}'],
    [[3, [1], "x"], '[3,[1],"x"]'],
  ] as [Json, string][])("of %j is as RFC 8785 says", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
  });

  it("has no form for what is no JSON", () => {
    for (const value of [Number.NaN, Infinity]) expect(() => canonicalJson(value)).toThrow();
    expect(() => canonicalJson(undefined as unknown as Json)).toThrow(/no JSON form/);
  });

  it("makes one hash of one value, whatever the order of its fields", () => {
    const [a, b] = [
      { x: 1, y: [true] },
      { y: [true], x: 1 },
    ];
    expect(toHex(jsonHash(sha256, tags.task, a))).toBe(toHex(jsonHash(sha256, tags.task, b)));
    expect(toHex(jsonHash(sha256, tags.task, a))).toBe(
      toHex(taggedHash(sha256, tags.task, toUtf8('{"x":1,"y":[true]}'))),
    );
  });
});

describe("statements", () => {
  const market = marketId("00112233445566778899aabbccddeeff");

  it("of submissions and heads are pinned", () => {
    const request = submissionsStatement(market, 1_700_000_000_123, [
      { task: 7, ordinal: 2, body: bodyHashOf(sha256, { answer: "yes" }) },
      { task: 8, ordinal: 0, body: zero32 },
    ]);
    expect(toHex(sha256(request))).toBe("01c3b3afb6835dea68adbb93c89a3606d61404b073d113f184a355bae0c9d9f7");
    expect(fromUtf8(request.slice(0, 17))).toBe("earnest/request/1");
    const head = headStatement({ market, lane: 0, sequence: 300, root: named("root"), timeMs: 1_700_000_000_123 });
    expect(toHex(sha256(head))).toBe("216454904cc854aff5b0dbef55b8df7b6ff2cd5e5f52949e4bb4dc450da55fcd");
  });

  it("differ where any of their parts does", () => {
    const head = { market, lane: 0, sequence: 300, root: named("root"), timeMs: 5 };
    const all = [
      head,
      { ...head, lane: 1 },
      { ...head, sequence: 301 },
      { ...head, root: zero32 },
      { ...head, timeMs: 6 },
    ];
    expect(new Set(all.map((each) => toHex(headStatement(each)))).size).toBe(all.length);
  });

  it("of a sign-in are read back exactly, or not at all", () => {
    const message = {
      domain: "work.example",
      address: "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK",
      nonce: "8f3a",
      issuedAt: "2026-01-02T03:04:05Z",
      expirationTime: "2026-01-03T03:04:05Z",
      sessionKey: "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM",
    };
    const text = signInText(message);
    expect(parseSignInText(text)).toEqual(message);
    for (const altered of [
      `${text}\n`,
      text.replace("Version: 1", "Version: 2"),
      text.replace("moves no money", "moves money"),
      text.replace(`Nonce: ${message.nonce}`, "Nonce: "),
      text.replace("\n\nSign", "\nSign"),
      `${text}\n- https://evil.example`,
      "",
    ]) {
      expect(parseSignInText(altered)).toBe(null);
    }
  });
});
