import { describe, expect, it } from "vitest";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { routes } from "../contract/routes.ts";
import { fromBase64, toBase58, toBase64 } from "../core/bytes.ts";
import { startTestRail } from "../rails/rail-fixture.ts";
import { closingToSign, depositToSign, UnaskedSignature } from "./deposits.ts";
import { Earnest } from "./earnest.ts";
import { generateSigner } from "./keys.ts";

/** A wallet without SOL funds a market, over the real engine, database and chain. */
describe("a deposit that the network pays for", () => {
  const used = useWholeServer(startTestRail);

  async function requester() {
    const wallet = await generateSigner();
    const client = await Earnest.signIn({ server: used().url, signer: wallet });
    const address = toBase58(wallet.publicKey);
    return { wallet, client, address };
  }

  it("opens the market's account, pays in, and pays in again", async () => {
    const { wallet, client, address } = await requester();
    expect((await client.network()).testTokens).toBe(true);
    await client.giveTestTokens(address, "7.5");
    expect(await client.holdings(address)).toBe("7.5");
    const { id } = await client.markets.create({ title: "Cats", answer: { choices: ["a", "b"] }, reward: "0.02" });

    const funded = await client.markets.deposit(id, "5", wallet);
    expect(funded.escrow).toMatchObject({ deposited: "5", free: "5" });
    const again = await client.markets.deposit(id, "2.5", wallet);
    expect(again.escrow.deposited).toBe("7.5");
    expect(await client.holdings(address)).toBe("0");
    await expect(client.markets.deposit(id, "1", wallet)).rejects.toMatchObject({ code: "TOKENS_INSUFFICIENT" });
  });

  it("takes nothing but what it planned for this market and what this wallet signed, once", async () => {
    const { wallet, client, address } = await requester();
    await client.giveTestTokens(address, "3");
    const create = () => client.markets.create({ title: "Cats", answer: { choices: ["a", "b"] }, reward: "0.02" });
    const [market, other] = [await create(), await create()];
    const params = { market: market.id };
    const plan = await client.transport.call(routes.planDeposit, { params, body: { amount: "1" } });
    const { message, lastValidBlockHeight, ticket, paidByNetwork } = plan;
    const sign = async (text: string): Promise<string> => toBase64(await wallet.sign(fromBase64(text)));
    const body = { message, lastValidBlockHeight, ticket, paidByNetwork, signature: await sign(message) };
    const send = (changes: Partial<typeof body>, to = market.id) =>
      client.transport.call(routes.sendDeposit, { params: { market: to }, body: { ...body, ...changes } });

    const stranger = await requester();
    const mismatch = { code: "SIGNATURE_MISMATCH" };
    await expect(send({ signature: toBase64(await stranger.wallet.sign(fromBase64(message))) })).rejects.toMatchObject(
      mismatch,
    );
    await expect(send({ paidByNetwork: { feeLamports: 0, rentLamports: 0 } })).rejects.toMatchObject(mismatch);
    await expect(send({}, other.id)).rejects.toMatchObject(mismatch);
    const bytes = fromBase64(message);
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
    const changed = toBase64(bytes);
    await expect(send({ message: changed, signature: await sign(changed) })).rejects.toMatchObject(mismatch);
    const asStranger = stranger.client.transport.call(routes.sendDeposit, { params, body });
    await expect(asStranger).rejects.toMatchObject({ code: "OWNER_MISMATCH" });

    // The same request twice, at once and later: the tokens move once.
    const [first, second] = await Promise.all([send({}), send({})]);
    const third = await send({});
    for (const each of [first, second, third]) expect(each.escrow.deposited).toBe("1");
    expect(await client.holdings(address)).toBe("2");
  });

  it("comes back where nobody earned it, once its market is ended on chain at the network's cost", async () => {
    const { wallet, client, address } = await requester();
    await client.giveTestTokens(address, "3");
    const { id } = await client.markets.create({ title: "Cats", answer: { choices: ["a", "b"] }, reward: "0.02" });
    await client.markets.deposit(id, "3", wallet);
    await expect(client.markets.isEndedOnChain(id)).rejects.toMatchObject({ code: "MARKET_STATE" });
    await client.markets.close(id);
    expect(await client.markets.isEndedOnChain(id)).toBe(false);
    const [network, { plan }] = await Promise.all([
      client.network(),
      client.transport.call(routes.planClosing, { params: { market: id } }),
    ]);
    if (plan === null) throw new Error("there is nothing to end");
    const market = await client.markets.get(id);
    const asked = { market, network, wallet: wallet.publicKey };
    expect(closingToSign(plan, asked)).toEqual(fromBase64(plan.message));
    const other = await generateSigner();
    const key = toBase58(other.publicKey);
    const deposit = { ...plan, message: toBase64(new Uint8Array(200)) };
    expect(() => closingToSign(deposit, asked)).toThrow(UnaskedSignature);
    for (const wrong of [
      { wallet: other.publicKey },
      { market: { ...market, account: key } },
      { network: { ...network, program: key } },
      { market: { ...market, token: { ...market.token, pool: key } } },
    ]) {
      expect(() => closingToSign(plan, { ...asked, ...wrong }), Object.keys(wrong)[0]).toThrow(UnaskedSignature);
    }
    const message = fromBase64(plan.message);
    for (let at = 0; at < message.length; at += 5) {
      const cut = { ...plan, message: toBase64(message.slice(0, at)) };
      expect(() => closingToSign(cut, asked)).toThrow(UnaskedSignature);
    }
    const stranger = await requester();
    await expect(stranger.client.markets.isEndedOnChain(id)).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    await expect(stranger.client.markets.closeAndRefund(id, stranger.wallet)).rejects.toThrow();
    expect((await client.markets.closeAndRefund(id, wallet)).status).toMatch(/^clos/);
    expect(await client.markets.isEndedOnChain(id)).toBe(true);
    expect((await client.markets.closeAndRefund(id, wallet)).status).toMatch(/^clos/);
  });

  it("is signed by the wallet only where it does what was asked", async () => {
    const { wallet, client, address } = await requester();
    await client.giveTestTokens(address, "3");
    const market = await client.markets.create({ title: "Cats", answer: { choices: ["a", "b"] }, reward: "0.02" });
    const params = { market: market.id };
    const [network, plan] = await Promise.all([
      client.network(),
      client.transport.call(routes.planDeposit, { params, body: { amount: "1" } }),
    ]);
    const asked = { market, network, amount: "1", wallet: wallet.publicKey };
    expect(depositToSign(plan, asked)).toEqual(fromBase64(plan.message));
    const other = await generateSigner();
    const key = toBase58(other.publicKey);
    for (const wrong of [
      { amount: "2" },
      { wallet: other.publicKey },
      { market: { ...market, account: key } },
      { market: { ...market, specHash: "00".repeat(32) } },
      { market: { ...market, id: "00".repeat(16) } },
      { network: { ...network, program: key } },
      { market: { ...market, token: { ...market.token, pool: key } } },
      { market: { ...market, token: { ...market.token, vault: key } } },
      { market: { ...market, token: { ...market.token, mint: key } } },
    ]) {
      expect(() => depositToSign(plan, { ...asked, ...wrong }), Object.keys(wrong)[0]).toThrow(UnaskedSignature);
    }
    for (let cut = 0; cut < fromBase64(plan.message).length; cut += 7) {
      const message = toBase64(fromBase64(plan.message).slice(0, cut));
      expect(() => depositToSign({ ...plan, message }, asked)).toThrow(UnaskedSignature);
    }
  });
});
