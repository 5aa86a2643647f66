import { get } from "node:http";
import type { NetworkInterfaceInfo } from "node:os";
import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/support/cli.ts";
import { fakeEngine } from "../api/testing-engine.ts";
import type { AddCommand } from "../cli/options.ts";
import type { Front } from "./front.ts";
import { openFront } from "./front.ts";
import { anyAddress, loopback } from "./hosts.ts";
import { inviteToLan, lanAddresses, qrRows } from "./lan.ts";
import type { Network } from "./network.ts";

const info = (address: string, parts: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo =>
  ({ address, netmask: "255.255.255.0", mac: "", internal: false, cidr: null, family: "IPv4", ...parts }) as never;

describe("this machine's addresses in a network", () => {
  it("are the IPv4 ones of others' reach, the likeliest first", () => {
    expect(
      lanAddresses({
        lo: [info("127.0.0.1", { internal: true })],
        docker0: [info("172.17.0.1")],
        eth0: [info("203.0.113.7"), info("fe80::1", { family: "IPv6", scopeid: 1 } as never)],
        wlan0: [info("192.168.1.5")],
        none: undefined,
      }),
    ).toEqual(["192.168.1.5", "203.0.113.7", "172.17.0.1"]);
    expect(lanAddresses({ lo: [info("127.0.0.1", { internal: true })] })).toEqual([]);
  });
});

/** What `inviteToLan` prints. */
async function invitation(urls: readonly string[], isTerminal = false): Promise<string> {
  const say: AddCommand = (program, run) =>
    void program.command("say").action(
      run(async ({ output }) => {
        inviteToLan(output, urls);
        return undefined;
      }),
    );
  return (await runCli(["say"], { extraCommands: { say: async () => say }, isTerminal })).stdout;
}

/** The squares that a text of half blocks draws, row by row. */
const squaresOf = (rows: readonly string[]): boolean[][] =>
  rows.flatMap((row) => [Array.from(row, (one) => "▀█".includes(one)), Array.from(row, (one) => "▄█".includes(one))]);

describe("the code for a camera", () => {
  const url = "http://192.168.1.5:4500";
  const { data, size } = encode(url, { border: 2 });

  it("has each square of the address, with light around them", () => {
    const dark = squaresOf(qrRows(url, true));
    expect(dark.slice(0, size)).toEqual(data);
    const light = squaresOf(qrRows(url, false)).slice(0, size);
    expect(light.map((row) => row.map((square) => !square))).toEqual(data);
    const around = [
      ...data.slice(0, 2),
      ...data.slice(-2),
      ...data.map((row) => [...row.slice(0, 2), ...row.slice(-2)]),
    ];
    expect(around.flat()).not.toContain(true);
  });

  it("stands above the address, and what needs HTTPS below", async () => {
    const said = await invitation([url, "http://10.0.0.2:4500"]);
    expect(said.indexOf(qrRows(url, false)[3] as string)).toBeGreaterThan(0);
    expect(said).toContain(`A phone in the same network: ${url}\n`);
    expect(said).toContain("or: http://10.0.0.2:4500\n");
    expect(said).toMatch(/HTTPS is needed for passkeys/);
    expect(said).not.toContain("\u001b[");
  });

  it("is dark on light on any terminal with colours", async () => {
    const said = await invitation([url], true);
    expect(said).toContain(`\u001b[107m\u001b[30m${qrRows(url, true)[1]}`);
  });

  it("is not there where nobody else could come", async () => {
    expect(await invitation([])).toMatch(/no address in a network/);
  });
});

describe("the front", () => {
  const open = (host: string): Promise<Front> =>
    openFront({ engine: fakeEngine(), context: {}, rail: { decimals: 6 } } as unknown as Network, {
      host,
      port: 0,
      apiLog: () => undefined,
      say: () => undefined,
    });
  const isThere = (url: string): Promise<boolean> =>
    new Promise((resolve) => {
      // Without an agent the connection ends with the answer, and closing does not wait for it.
      const request = get(`${url}/healthz`, { agent: false }, (answer) => resolve(answer.resume().statusCode === 200));
      request.on("error", () => resolve(false));
    });

  // Linux answers at all of 127.0.0.0/8, which so stands for an address of another network.
  it.skipIf(process.platform !== "linux")("is at no other address than the one it was given, or at all", async () => {
    for (const [host, isElsewhere] of [
      [loopback, false],
      [anyAddress, true],
    ] as const) {
      const front = await open(host);
      expect(front.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(await isThere(front.url)).toBe(true);
      expect(await isThere(front.url.replace("127.0.0.1", "127.0.0.2"))).toBe(isElsewhere);
      await front.close();
    }
  });
});
