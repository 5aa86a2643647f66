import { describe, expect, it } from "vitest";
import { Config, decodeText, Params, requireContextSlot } from "./params.ts";

const refused = expect.objectContaining({ code: -32602 });
const system = "11111111111111111111111111111111";

describe("Params", () => {
  it.each([undefined, null, 7, "", "0", "1".repeat(31), "1".repeat(33), "1".repeat(100_000), `${system}0`])(
    "refuses the address %.40s",
    (value) => {
      expect(() => new Params(value === undefined ? [] : [value]).address(0)).toThrow(refused);
    },
  );

  it("takes addresses and signatures of the right length", () => {
    expect(new Params([system]).address(0)).toBe(system);
    expect(new Params(["1".repeat(64)]).signature(0)).toBe("1".repeat(64));
    expect(() => new Params([system]).signature(0)).toThrow(refused);
  });

  it.each([null, -1, 1.5, "5", 18446744073709551616n, -1n, Number.NaN])("refuses %s as a 64-bit integer", (value) => {
    expect(() => new Params([value]).u64(0, "size")).toThrow(refused);
  });

  it("takes 64-bit integers whole", () => {
    expect(new Params([18446744073709551615n]).u64(0, "size")).toBe(18446744073709551615n);
    expect(new Params([0]).u64(0, "size")).toBe(0n);
  });

  it("limits lists", () => {
    expect(() => new Params([[1, 2, 3]]).list(0, "things", 2)).toThrow(refused);
    expect(() => new Params(["x"]).list(0, "things", 2)).toThrow(refused);
    expect(new Params([[1]]).list(0, "things", 2)).toEqual([1]);
  });

  it("takes a missing configuration for an empty one, and nothing else for one", () => {
    expect(new Params([]).config(0).get("x")).toBeNull();
    expect(new Params([null]).config(0).get("x")).toBeNull();
    for (const wrong of ["x", 1, [], true]) expect(() => new Params([wrong]).config(0)).toThrow(refused);
  });
});

describe("Config", () => {
  const config = new Config({ yes: true, text: "base64", number: 7, negative: -1, list: [1], object: { a: 1 } });

  it("reads what is there", () => {
    expect(config.flag("yes")).toBe(true);
    expect(config.flag("missing")).toBe(false);
    expect(config.oneOf("text", ["base58", "base64"])).toBe("base64");
    expect(config.oneOf("missing", ["base58"])).toBeNull();
    expect(config.integer("number", 10)).toBe(7);
    expect(config.u64("number")).toBe(7n);
    expect(config.list("list")).toEqual([1]);
    expect(config.list("missing")).toEqual([]);
    expect(config.object("object")?.integer("a", 1)).toBe(1);
    expect(config.object("missing")).toBeNull();
    expect(config.address("missing")).toBeNull();
    expect(config.signature("missing")).toBeNull();
  });

  it("refuses what has the wrong type", () => {
    expect(() => config.flag("text")).toThrow(refused);
    expect(() => config.oneOf("text", ["json"])).toThrow(refused);
    expect(() => config.integer("negative", 10)).toThrow(refused);
    expect(() => config.integer("number", 6)).toThrow(refused);
    expect(() => config.u64("negative")).toThrow(refused);
    expect(() => config.list("object")).toThrow(refused);
    expect(() => config.object("list")).toThrow(refused);
    expect(() => config.address("text")).toThrow(refused);
  });

  it("knows no member that the client did not send", () => {
    expect(() => config.flag("constructor")).not.toThrow();
    expect(config.get("toString")).toBeNull();
  });
});

describe("decodeText", () => {
  it("decodes, and refuses what it cannot", () => {
    expect([...decodeText("AQI=", "base64")]).toEqual([1, 2]);
    expect([...decodeText("12", "base58")]).toEqual([0, 1]);
    expect(() => decodeText("0", "base58")).toThrow(refused);
    expect(() => decodeText("*", "base64")).toThrow(refused);
    expect(() => decodeText("1".repeat(2_000), "base58")).toThrow(refused);
  });
});

describe("requireContextSlot", () => {
  it("refuses to answer from before the slot a client has seen", () => {
    expect(() => requireContextSlot(new Config({ minContextSlot: 11 }), 10)).toThrow(
      expect.objectContaining({ code: -32016, data: { contextSlot: 10 } }),
    );
    expect(() => requireContextSlot(new Config({ minContextSlot: 10 }), 10)).not.toThrow();
    expect(() => requireContextSlot(new Config({}), 10)).not.toThrow();
  });
});
