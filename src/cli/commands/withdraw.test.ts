import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { accountOf, messageOf, move, people } from "../../../test/support/transfer-message.ts";
import { fakeEngine, withdrawalOf } from "../../api/testing-engine.ts";
import { signerFromSeed } from "../../client/keys.ts";
import { amount } from "../../core/amount.ts";
import { bytes32, fromBase58, toBase58 } from "../../core/bytes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { WithdrawalView } from "../../engine/types.ts";

/** A server whose plan is what was asked for, of 7 base units, and which ends like this. */
async function serverThat(ends: Partial<WithdrawalView>) {
  const { publicKey } = await signerFromSeed(new Uint8Array(32).fill(5));
  const wallet = toBase58(publicKey);
  const message = messageOf([move(7, { by: wallet, from: accountOf(wallet) })], { signers: [people.payer, wallet] });
  const plan = withdrawalOf({ amount: amount(7n), toSign: { message, wire: message } });
  const network: Engine["network"] = async () => ({ ...(await fakeEngine().network()), mint: people.mint });
  return await cliServer({
    network,
    planWithdrawal: async (_session, { to }) => ({ ...plan, to }),
    sendWithdrawal: async () => ({ ...plan, toSign: null, to: bytes32(fromBase58(people.to)), ...ends }),
  });
}

const ask = async (server: Awaited<ReturnType<typeof cliServer>>, ...more: string[]) => {
  const folder = temporaryFolder();
  const keypair = await keypairFile(folder);
  const args = ["withdraw", "--to", people.to, "--amount", "0.000007", "--keypair", keypair, ...more];
  return await server.run(args, { folder, settings: noKey });
};

describe("withdraw", () => {
  it("says that the tokens are there, and by which transaction", async () => {
    const server = await serverThat({ state: "final", transaction: "5".repeat(88) });
    const { exitCode, stdout, stderr } = await ask(server);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `✓ 0.000007 tokens are at ${people.to}, by ${"5".repeat(88)}\n`,
    });
    expect(stderr).toContain("The network paid at most 2049280 lamports for it.");
    const calls = server.calls.filter((each) => /ithdrawal|endSession/.test(each));
    expect(calls).toEqual(["planWithdrawal", "sendWithdrawal", "endSession"]);
  });

  it("fails where they are not, and says why", async () => {
    const problem = "The paying token account holds too little.";
    const server = await serverThat({ state: "failed", transaction: "5".repeat(88), problem });
    const { exitCode, stdout } = await ask(server);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe(`– 0.000007 tokens to ${people.to}: failed (${problem})\n`);
    expect((await ask(server, "--json")).json).toMatchObject({ ok: false, state: "failed", problem });
  });

  it("signs nothing for a server that wants something else signed", async () => {
    const server = await cliServer();
    const { exitCode, stderr } = await ask(server);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("The server's transaction does something else than send tokens; nothing was signed.");
    expect(stderr).toContain("Do not trust this server.");
    expect(server.calls).not.toContain("sendWithdrawal");
  });
});
