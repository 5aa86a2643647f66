import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkAsWarcio } from "../../../test/support/check-as-warcio.ts";
import { isWebHere, readWarcFile } from "../../../test/support/shared-web.ts";
import { fromUtf8, toUtf8 } from "../../core/bytes.ts";
import { cdxjLine, sortKeyOf } from "./cdxj.ts";
import {
  type DigestOf,
  headerOf,
  type PlacedRecord,
  payloadOf,
  readWarc,
  toBase32,
  type WarcProblem,
  writeRecord,
  wrongDigests,
} from "./warc.ts";

const digestOf: DigestOf = (algorithm, bytes) => createHash(algorithm).update(bytes).digest();

function read(file: Uint8Array): { readonly records: PlacedRecord[]; readonly problem: WarcProblem | null } {
  const records: PlacedRecord[] = [];
  const reading = readWarc(file);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return { records, problem: value };
    records.push(value);
  }
}

describe.skipIf(!isWebHere)("files of other tools", () => {
  it("are read whole, and their digests are right", () => {
    for (const [name, count] of [
      ["example.warc", 6],
      ["example.warc.gz", 6],
      ["post-test.warc.gz", 6],
    ] as const) {
      const { records, problem } = read(readWarcFile(name));
      expect([name, records.length, problem]).toEqual([name, count, null]);
      expect(records.flatMap((record) => wrongDigests(record, digestOf))).toEqual([]);
    }
  });

  it("that are cut short are told where", () => {
    const { records, problem } = read(readWarcFile("example-trunc.warc"));
    expect(records.length).toBeGreaterThan(0);
    expect(problem?.problem).toMatch(/cut short|longer or shorter|begin with/);
    const whole = readWarcFile("example.warc");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (length) => {
        const cut = read(whole.subarray(0, length));
        const end = cut.records.reduce((sum, record) => sum + record.length, 0);
        expect(cut.problem === null).toBe(end === length);
      }),
    );
  });

  it("with other digests than they should have are told so, in every form that digests have", () => {
    const { records } = read(readWarcFile("example-digest.warc"));
    expect(records.map((record) => wrongDigests(record, digestOf))).toMatchInlineSnapshot(`
      [
        [
          "WARC-Payload-Digest",
        ],
        [],
        [],
        [],
      ]
    `);
    // As warcio's own tests have its checker say of this file.
    const { problems, records: checked } = checkAsWarcio(Buffer.from(readWarcFile("example-digest.warc")));
    expect(problems).toEqual(["record 0: warc-payload-digest is another: sha1:1112H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"]);
    expect(checked.map(({ status }) => status)).toEqual([false, true, true, true]);
  });
});

const name = fc.stringMatching(/^[A-Za-z-]{1,20}$/).filter((text) => text.toLowerCase() !== "content-length");
const value = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);

describe("records", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(fc.tuple(name, value)), fc.uint8Array())), (written) => {
        const file = Buffer.concat(written.map(([headers, block]) => writeRecord(headers, block)));
        const { records, problem } = read(file);
        expect(problem).toBeNull();
        expect(records.map(({ headers, block }) => [headers.slice(0, -1), [...block]])).toEqual(
          written.map(([headers, block]) => [headers, [...block]]),
        );
      }),
    );
  });

  it("keep a site from writing headers of its own", () => {
    const record = writeRecord([["WARC-Target-URI", "http://a.com/\r\nWARC-Type: response"]], new Uint8Array());
    const { records } = read(record);
    expect(headerOf(records[0] as PlacedRecord, "warc-type")).toBeNull();
  });

  it("have the payload of their message, and digests that find a change of one byte", () => {
    const block = toUtf8("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello");
    const digest = (bytes: Uint8Array): string => `sha256:${toBase32(digestOf("sha256", bytes))}`;
    const headers = [
      ["WARC-Type", "response"],
      ["Content-Type", "application/http; msgtype=response"],
      ["WARC-Block-Digest", digest(block)],
      ["WARC-Payload-Digest", digest(toUtf8("hello"))],
    ] as const;
    const [record] = read(writeRecord(headers, block)).records as [PlacedRecord];
    expect(fromUtf8(payloadOf(record))).toBe("hello");
    expect(wrongDigests(record, digestOf)).toEqual([]);
    const changed = { ...record, block: toUtf8("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhellO") };
    expect(wrongDigests(changed, digestOf)).toEqual(["WARC-Block-Digest", "WARC-Payload-Digest"]);
  });

  it("have digests in base 32 as RFC 4648 has them", () => {
    const forms = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map((text) => toBase32(toUtf8(text)));
    expect(forms).toEqual(["", "MY======", "MZXQ====", "MZXW6===", "MZXW6YQ=", "MZXW6YTB", "MZXW6YTBOI======"]);
  });
});

describe("an index", () => {
  it("sorts a site together", () => {
    expect(sortKeyOf("www.Example.org", "/B?y=1&x=2")).toBe("org,example)/b?x=2&y=1");
    expect(sortKeyOf("93.184.216.34", "/")).toBe("93.184.216.34)/");
    expect(sortKeyOf("[2606::1]", "")).toBe("[2606::1])/");
    expect(
      cdxjLine({
        url: "https://a.com/",
        hostname: "a.com",
        path: "/",
        date: "2026-11-21T18:30:00Z",
        mime: "text/html",
        status: 200,
        digest: "sha256:AA",
        offset: 10,
        length: 5,
        filename: "a.warc.gz",
      }),
    ).toBe(
      'com,a)/ 20261121183000 {"digest":"sha256:AA","filename":"a.warc.gz","length":"5","mime":"text/html","offset":"10","status":"200","url":"https://a.com/"}',
    );
  });
});
