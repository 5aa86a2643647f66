import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signerFromSeed } from "../client/keys.ts";
import { toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { encodeFrame, type FrameType } from "../core/tunnel.ts";
import { GatewayTalk } from "./gateway-talk.ts";

/** The other end says what a test has it say. */
let server: Server;
let accepted: Socket;

beforeAll(async () => {
  server = createServer((socket) => {
    accepted = socket;
    socket.on("error", () => undefined);
    socket.resume();
    say("welcome", { version: 1 });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const say = (type: FrameType, said: Json): void => {
  accepted.write(encodeFrame(type, 0, toUtf8(JSON.stringify(said))));
};

async function openTalk(): Promise<GatewayTalk> {
  const talk = new GatewayTalk({
    gateway: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    signer: await signerFromSeed(new Uint8Array(32).fill(5)),
    dial: (host, port) => connect({ host, port }),
    onOpen: () => undefined,
    onBytes: () => 0,
  });
  await talk.relay.joined;
  return talk;
}

describe("a talk with a gateway", () => {
  const slot = { market: "m", slot: "0.0" };

  it("hears the word that it waits for, about what it asked for, or a refusal", async () => {
    const talk = await openTalk();
    const asked = talk.ask("take", slot, "ended");
    say("ended", { ...slot, slot: "1.0" });
    say("verdict", slot);
    say("ended", { ...slot, pages: 3 });
    expect(await asked).toEqual({ word: "ended", said: { ...slot, pages: 3 } });
    const refused = talk.ask("submitted", slot, "verdict");
    say("refused", { ...slot, code: "SLOT_UNKNOWN" });
    expect(await refused).toMatchObject({ word: "refused", said: { code: "SLOT_UNKNOWN" } });
    expect(await talk.invitation(1)).toBeNull();
    const invited = talk.invitation(60_000);
    say("invited", { market: "m", title: "t" });
    expect(await invited).toEqual({ market: "m", title: "t" });
    talk.relay.close();
    await talk.relay.ended;
  });

  it("ends with its connection: what waits fails, and so does what would begin to wait", async () => {
    const talk = await openTalk();
    const waits = expect(talk.ask("take", slot, "ended")).rejects.toThrow("disconnected");
    accepted.destroy();
    await waits;
    expect(talk.over.aborted).toBe(true);
    await expect(talk.ask("submitted", slot, "verdict")).rejects.toThrow("disconnected");
    await expect(talk.invitation(600_000)).rejects.toThrow("disconnected");
    expect(() => talk.say("ready", {})).toThrow("disconnected");
    // Another connection hears its own words, whatever the first one was in the middle of.
    const next = await openTalk();
    const asked = next.ask("take", slot, "ended");
    await expect(talk.ask("take", slot, "ended")).rejects.toThrow("disconnected");
    say("ended", slot);
    expect((await asked).word).toBe("ended");
    next.relay.close();
    await next.relay.ended;
  });
});
