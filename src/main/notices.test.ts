import { execFileSync } from "node:child_process";
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  type JsonWebKey,
  randomBytes,
  verify,
} from "node:crypto";
import type { LookupAddress } from "node:dns";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer, type Server } from "node:https";
import { type AddressInfo, connect as dial, type LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NoticeAddress } from "../store/identity/notice-addresses.ts";
import { createNoticeSender } from "./notices.ts";

const name = "push.test-service.com";
const seed = new Uint8Array(32).fill(3);
/** A browser's keys for messages. */
const browser = createECDH("prime256v1");
browser.generateKeys();
const secret = randomBytes(16);
const address: NoticeAddress = { endpoint: `https://${name}/x`, publicKey: browser.getPublicKey(), secret };

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let server: Server;
let received: Received[] = [];
let status = 201;
let dialled: string[] = [];
let connections = 0;
let logged: string[] = [];
let certificate: Buffer;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "earnest-notices-"));
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync("openssl", [...request, "-keyout", keyFile, "-out", certificateFile, ...names], { stdio: "ignore" });
  const key = readFileSync(keyFile);
  certificate = readFileSync(certificateFile);
  rmSync(folder, { recursive: true });
  server = createServer({ key, cert: certificate }, (request_, response) => {
    const pieces: Buffer[] = [];
    request_.on("data", (piece: Buffer) => pieces.push(piece));
    request_.on("end", () => {
      received.push({ headers: request_.headers, body: Buffer.concat(pieces) });
      response.writeHead(status, { location: `https://${name}/other` }).end();
    });
  });
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});
afterAll(() => server.close());
beforeEach(() => {
  [received, status, dialled, logged, connections] = [[], 201, [], [], 0];
});

/** The public internet of these tests: every address leads to the server here, once the sender chose to dial it. */
class Internet extends Agent {
  override createConnection(options: unknown, done: (error: Error | null, socket: unknown) => void): undefined {
    const { lookup, host, servername } = options as { lookup: LookupFunction; host: string; servername: string };
    lookup(host, { all: true }, (error, found) => {
      if (error !== null) return done(error, undefined);
      dialled.push(...(found as LookupAddress[]).map(({ address: each }) => each));
      const socket = dial((server.address() as AddressInfo).port, "127.0.0.1");
      done(null, connect({ socket, servername, ca: certificate }));
    });
  }
}

const senderOf = (addresses: readonly string[]) =>
  createNoticeSender({
    seed,
    subject: () => "https://earnest.example",
    log: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    resolve: async () => addresses.map((each) => ({ address: each, family: each.includes(":") ? 6 : 4 })),
    agent: new Internet(),
  });

/** What a browser does with a message (RFC 8291, section 3.4): a salt, the record's size, the sender's key, one record. */
function opened(message: Buffer): string {
  const [salt, sender, record] = [message.subarray(0, 16), message.subarray(21, 86), message.subarray(86)];
  const derive = (secret_: Buffer, salt_: Uint8Array, info: string | Buffer, length: number): Buffer =>
    Buffer.from(hkdfSync("sha256", secret_, salt_, info, length));
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browser.getPublicKey(), sender]);
  const shared = derive(browser.computeSecret(sender), secret, info, 32);
  const key = derive(shared, salt, "Content-Encoding: aes128gcm\0", 16);
  const cipher = createDecipheriv("aes-128-gcm", key, derive(shared, salt, "Content-Encoding: nonce\0", 12));
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}

describe("a notice", () => {
  it("reaches the push service, and only the browser reads it", async () => {
    const sender = senderOf(["93.184.215.14"]);
    const text = JSON.stringify({ reward: "0.02", title: "¿Es un gato? 猫" });
    expect(await sender.send(address, text)).toBe("taken");
    expect(dialled).toEqual(["93.184.215.14"]);
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received;
    expect(headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "14400" });
    expect(body.includes("0.02")).toBe(false);
    expect(opened(body)).toBe(text);
  });

  it("says by whom it was sent, as RFC 8292 has it", async () => {
    const { publicKey, send } = senderOf(["93.184.215.14"]);
    await send(address, "x");
    const [, token = "", key = ""] = /^vapid t=(.+), k=(.+)$/.exec(String(received[0]?.headers["authorization"])) ?? [];
    expect(key).toBe(Buffer.from(publicKey).toString("base64url"));
    const [head, claims, signature] = token.split(".") as [string, string, string];
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      aud: `https://${name}`,
      sub: "https://earnest.example",
    });
    const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((part) =>
      Buffer.from(part).toString("base64url"),
    );
    const verifier = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y } as JsonWebKey, format: "jwk" });
    const signed = { key: verifier, dsaEncoding: "ieee-p1363" as const };
    expect(verify("sha256", Buffer.from(`${head}.${claims}`), signed, Buffer.from(signature, "base64url"))).toBe(true);
  });

  it.each([
    [["127.0.0.1"]],
    [["10.0.0.8"]],
    [["169.254.169.254"]],
    [["::1"]],
    [["::ffff:192.168.0.1"]],
    [["93.184.215.14", "127.0.0.1"]],
    [[]],
  ])("goes to the public internet alone: not to %j", async (addresses) => {
    expect(await senderOf(addresses).send(address, "x")).toBe("failed");
    expect({ dialled, received }).toEqual({ dialled: [], received: [] });
    expect(logged).toEqual([expect.stringContaining("not one of the public internet")]);
  });

  it.each(["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "localhost", "8.8.8.8:9", "a@8.8.8.8"])(
    "goes nowhere near %s",
    async (host) => {
      const url = new URL(`https://${host}/`);
      if (url.port === "") url.port = String((server.address() as AddressInfo).port);
      const real = createNoticeSender({
        seed,
        subject: () => "https://earnest.example",
        log: (line) => logged.push(line),
      });
      for (const endpoint of [`https://${host}/`, url.href]) {
        expect(await real.send({ ...address, endpoint }, "x")).toBe("failed");
      }
      expect(logged).toHaveLength(2);
      expect(connections).toBe(0);
    },
  );

  it.each([
    [201, "taken"],
    [404, "gone"],
    [410, "gone"],
    [301, "failed"],
    [429, "failed"],
    [500, "failed"],
  ] as const)("understands %i as %s, and follows nothing", async (answer, expected) => {
    status = answer;
    expect(await senderOf(["93.184.215.14"]).send(address, "x")).toBe(expected);
    expect(received).toHaveLength(1);
  });

  it("fails for keys that are none, without rejecting", async () => {
    const broken = { ...address, publicKey: new Uint8Array(65).fill(4) };
    expect(await senderOf(["93.184.215.14"]).send(broken, "x")).toBe("failed");
    expect(received).toEqual([]);
  });
});
