import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { offlineRail } from "../../test/support/engine-world.ts";
import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { randomFill } from "../main/crypto.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";

const database = useTestDatabase();
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail));
});
afterAll(() => engine.close());

const newId = (): Bytes32 => bytes32(randomFill(32));
const wrappedBytes = 60;

describe("a saved key", () => {
  it("is found by whoever knows its id, and by nobody else", async () => {
    const { session } = await TestContributor.signIn(engine);
    const [id, wrapped] = [newId(), randomFill(wrappedBytes)];
    await engine.saveKey(session, id, wrapped);
    expect(new Uint8Array(await engine.savedKey(id))).toEqual(wrapped);
    await expect(engine.savedKey(newId())).rejects.toMatchObject({ code: "SAVED_KEY_NOT_FOUND" });
  });

  it("is replaced by its contributor, and never by another", async () => {
    const [own, other] = await Promise.all([TestContributor.signIn(engine), TestContributor.signIn(engine)]);
    const [id, first, second] = [newId(), randomFill(wrappedBytes), randomFill(wrappedBytes)];
    await engine.saveKey(own.session, id, first);
    await engine.saveKey(own.session, id, second);
    await engine.saveKey(other.session, id, first);
    expect(new Uint8Array(await engine.savedKey(id))).toEqual(second);
  });

  it("has sixteen places, one of which may be written again", async () => {
    const { session } = await TestContributor.signIn(engine);
    const ids = Array.from({ length: 16 }, newId);
    for (const id of ids) await engine.saveKey(session, id, randomFill(wrappedBytes));
    await engine.saveKey(session, ids[0] as Bytes32, randomFill(wrappedBytes));
    const refusal = { code: "LIMIT_EXCEEDED" };
    await expect(engine.saveKey(session, newId(), randomFill(wrappedBytes))).rejects.toMatchObject(refusal);
  });
});
