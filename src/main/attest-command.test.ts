import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttestedServer, attestorSeeds, startAttestedServer } from "../../test/support/attested-server.ts";
import { type CliRun, runCli, temporaryFolder } from "../../test/support/cli.ts";
import { toBase58 } from "../core/bytes.ts";
import { useTestDatabase } from "../store/testing.ts";
import { attestCommand } from "./attest-command.ts";
import { signerFromSeed } from "./crypto.ts";

const database = useTestDatabase();
let network: AttestedServer;
beforeAll(async () => {
  network = await startAttestedServer({ pool: database().pool, clock: Date.now });
});
afterAll(() => network.close());

interface Running {
  readonly said: () => string;
  readonly ended: Promise<CliRun>;
  stop(): Promise<CliRun>;
}

const seed = attestorSeeds[0] as Uint8Array;
const key = toBase58(signerFromSeed(seed).publicKey);

function attest(folder: string, ...args: readonly string[]): Running {
  const interrupted = new AbortController();
  let text = "";
  const keypair = network.keypairFile(seed);
  const common = ["--server", network.url, "--rpc", network.chain.net.rpcUrl, "--keypair", keypair];
  const ended = runCli(["attest", ...common, "--listen", "127.0.0.1:0", ...args], {
    folder,
    interrupted: interrupted.signal,
    extraCommands: { attest: async () => attestCommand },
    onOutput: (piece) => {
      text += piece;
    },
  });
  return {
    said: () => text,
    ended,
    stop: () => {
      interrupted.abort();
      return ended;
    },
  };
}

const soon = { timeout: 10_000, interval: 50 } as const;

describe("earnest attest", () => {
  it("says at its first start what it pins, serves what it keeps, and ends on Ctrl-C", async () => {
    const folder = temporaryFolder();
    const first = attest(folder);
    await expect.poll(first.said, soon).toMatch(/Attesting for pool \w+ as \w+; proofs at (\S+)/);
    expect(first.said()).toContain("First start: from now on this attestor follows nothing but");
    expect(first.said()).toContain(`the pool's account: ${network.chain.rail.pool}`);
    const [, url = ""] = /proofs at (\S+)/.exec(first.said()) ?? [];
    expect(await (await fetch(`${url}/v1/commits`)).json()).toEqual({ items: [], next: null });
    const unknown = await fetch(`${url}/v1/claims/${key}`);
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([404, "COMMIT_NOT_FOUND"]);
    expect((await fetch(`${url}/v1/elsewhere`)).status).toBe(404);
    expect((await fetch(`${url}/v1/commits`, { method: "POST" })).status).toBe(405);
    expect((await first.stop()).exitCode).toBe(0);

    const again = attest(folder, "--json");
    await expect.poll(again.said, soon).toContain("Attesting");
    expect(again.said()).not.toContain("First start");
    const { json, exitCode } = await again.stop();
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, key, pool: network.chain.rail.pool, signed: 0 });
  });

  it("is refused its folder by another attestor, and follows no other network than the pinned one", async () => {
    const folder = temporaryFolder();
    const first = attest(folder);
    await expect.poll(first.said, soon).toContain("Attesting");
    const second = await attest(folder, "--json").ended;
    expect(second.json).toMatchObject({ ok: false, error: { code: "DATA_FOLDER_UNAVAILABLE" } });
    await first.stop();
    const changed = await attest(folder, "--json", "--pool", key).ended;
    expect(changed.json).toMatchObject({ ok: false, error: { code: "PIN_MISMATCH" } });
    const otherProgram = await attest(temporaryFolder(), "--json", "--program-hash", "00".repeat(32)).ended;
    expect(otherProgram.json).toMatchObject({ ok: false, error: { code: "PIN_MISMATCH" } });
  });

  it("waits where nobody answers, and ends all the same", async () => {
    const away = attest(temporaryFolder(), "--rpc", "http://127.0.0.1:9");
    await expect.poll(away.said, soon).toContain("waiting: ");
    await away.stop();
    const noServer = attest(temporaryFolder(), "--server", "http://127.0.0.1:9");
    await expect.poll(noServer.said, soon).toContain("waiting: The server at http://127.0.0.1:9 does not answer");
    await noServer.stop();
  });

  it.each([
    ["--listen", "nowhere"],
    ["--pool", "0"],
    ["--program-hash", "xyz"],
    ["--keep", "-1"],
  ])("refuses %s %s", async (...args) => {
    expect((await attest(temporaryFolder(), "--json", ...args).ended).exitCode).toBe(2);
  });
});
