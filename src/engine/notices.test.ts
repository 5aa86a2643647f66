import { beforeEach, describe, expect, it } from "vitest";
import type { TestContributor } from "../../test/support/engine.ts";
import { openMarket, type SpecChanges, signInMany } from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { randomFill } from "../main/crypto.ts";
import type { NoticeAddress } from "../store/identity/notice-addresses.ts";
import type { Engine } from "./engine.ts";
import { createNotices } from "./notices.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
const hourMs = 3_600_000;
let engine: Engine;
let sent: { readonly endpoint: string; readonly text: string }[] = [];
let answer: "taken" | "gone" | "failed" = "taken";

/** Each test is about browsers and markets of its own. */
beforeEach(async () => {
  engine = used.engine();
  await pool().query("delete from notice_addresses");
  await pool().query("update lanes set status = 'paused' where status = 'open'");
  time.now += hourMs;
  [sent, answer] = [[], "taken"];
});

const addressOf = (endpoint: string): NoticeAddress => ({
  endpoint,
  publicKey: randomFill(65),
  secret: randomFill(16),
});
const join = async (): Promise<TestContributor> => (await signInMany(engine, 1, clock))[0] as TestContributor;

/** A minute later. */
async function tell(): Promise<readonly string[]> {
  time.now += 61_000;
  const notices = {
    publicKey: randomFill(65),
    send: async ({ endpoint }: NoticeAddress, text: string) => {
      sent.push({ endpoint, text });
      return answer;
    },
  };
  sent = [];
  await createNotices({ ...context(), notices }, engine).tell();
  return sent.map(({ endpoint }) => endpoint);
}

const browsers = async (): Promise<readonly string[]> =>
  (await pool().query<{ endpoint: string }>("select endpoint from notice_addresses order by 1")).rows.map(
    ({ endpoint }) => endpoint,
  );

const forQualified: SpecChanges = { terms: { eligibility: [{ type: "qualification", name: "botany", min: 500_000 }] } };

describe("notices", () => {
  it("tell of a market that has work now and had none before, in its own words, once", async () => {
    await openMarket(engine);
    const { session } = await join();
    await engine.putNoticeAddress(session, addressOf("https://push.example/a"));
    expect([await tell(), await tell()]).toEqual([[], []]);
    await openMarket(engine);
    expect(await tell()).toEqual(["https://push.example/a"]);
    expect(JSON.parse(sent[0]?.text ?? "")).toEqual({ reward: "0.02", title: expect.stringMatching(/\S/) });
    time.now += hourMs;
    expect(await tell()).toEqual([]);
  });

  it("come once an hour at most, and nothing is forgotten meanwhile", async () => {
    const { session } = await join();
    await engine.putNoticeAddress(session, addressOf("https://push.example/b"));
    await tell();
    await openMarket(engine);
    expect(await tell()).toHaveLength(1);
    await openMarket(engine);
    expect([await tell(), await tell()]).toEqual([[], []]);
    time.now += hourMs;
    expect(await tell()).toHaveLength(1);
  });

  it("do not tell of work that the contributor may not do", async () => {
    const { session } = await join();
    await engine.putNoticeAddress(session, addressOf("https://push.example/c"));
    await tell();
    await openMarket(engine, { spec: forQualified });
    expect(await tell()).toEqual([]);
  });

  it("forget a browser that is gone at once, and one that cannot be reached after days", async () => {
    const [gone, away] = [await join(), await join()];
    await engine.putNoticeAddress(gone.session, addressOf("https://push.example/gone"));
    await tell();
    await openMarket(engine);
    answer = "gone";
    expect(await tell()).toHaveLength(1);
    expect(await browsers()).toEqual([]);

    await engine.putNoticeAddress(away.session, addressOf("https://push.example/away"));
    await tell();
    await openMarket(engine);
    answer = "failed";
    for (let hours = 0; hours < 8; hours++) {
      expect(await tell()).toHaveLength(1);
      expect(await browsers()).toHaveLength(1);
      time.now += hourMs;
    }
    await tell();
    expect(await browsers()).toEqual([]);
  });

  it("go to whom a browser was given for last, and only they may end it", async () => {
    const [first, second] = [await join(), await join()];
    const address = addressOf("https://push.example/shared");
    await engine.putNoticeAddress(first.session, address);
    await engine.putNoticeAddress(second.session, address);
    await engine.removeNoticeAddress(first.session, address.endpoint);
    expect(await browsers()).toEqual([address.endpoint]);
    await engine.removeNoticeAddress(second.session, address.endpoint);
    expect(await browsers()).toEqual([]);
  });

  it("go to eight browsers of a contributor, one of which may come again", async () => {
    const { session } = await join();
    const addresses = Array.from({ length: 8 }, (_, i) => addressOf(`https://push.example/${i}`));
    for (const address of addresses) await engine.putNoticeAddress(session, address);
    await engine.putNoticeAddress(session, addresses[0] as NoticeAddress);
    const ninth = engine.putNoticeAddress(session, addressOf("https://push.example/8"));
    await expect(ninth).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});
