import { beforeEach, describe, expect, it } from "vitest";
import type { NetworkTerms } from "#src/rails/solana/program/instructions";
import { Chain } from "./chain.ts";
import { Escrow, freshEscrow } from "./escrow.ts";
import { type AttestorKey, attestorKey, testHash } from "./values.ts";

const keys = (count: number, name = "key"): AttestorKey[] =>
  Array.from({ length: count }, (_, i) => attestorKey(`${name} ${i}`));
const set = (count: number, threshold: number): Pick<NetworkTerms, "attestors"> => ({
  attestors: { threshold, keys: keys(count).map(({ address }) => address) },
});

describe("the terms of a network", () => {
  const chain = new Chain();
  let next = 0;
  const said = (terms: Partial<NetworkTerms>): string => {
    const escrow = new Escrow(chain, { name: `network ${next++}`, isUnopened: true });
    return escrow.said(escrow.createNetwork(terms));
  };

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [5, 3],
    [5, 5],
    [8, 5],
  ])("%i attestors of whom %i sign are taken", (count, threshold) => expect(said(set(count, threshold))).toBe("ok"));

  it.each([
    [0, 0, "nobody"],
    [1, 0, "none needed"],
    [2, 1, "half"],
    [4, 2, "half"],
    [3, 1, "a minority"],
    [3, 4, "more than there are"],
    [6, 6, "more than a transaction carries"],
    [8, 4, "half"],
  ])("%i attestors of whom %i sign are refused: %s", (count, threshold) => {
    expect(said(set(count, threshold))).toBe("ATTESTORS_REFUSED");
  });

  it("more than eight attestors are refused", () => {
    expect(said(set(9, 5))).toBe("ATTESTORS_REFUSED");
  });

  it("a key that stands twice, or is zero, is refused", () => {
    const [one, two] = keys(2).map(({ address }) => address) as [AttestorKey["address"], AttestorKey["address"]];
    const zero = "11111111111111111111111111111111" as typeof one;
    expect(said({ attestors: { threshold: 2, keys: [one, two, one] } })).toBe("ATTESTORS_REFUSED");
    expect(said({ attestors: { threshold: 2, keys: [one, two, zero] } })).toBe("ATTESTORS_REFUSED");
  });

  it.each<[string, Partial<NetworkTerms>, string]>([
    ["no refund delay", { refundDelaySeconds: 0 }, "DELAYS_REFUSED"],
    [
      "the shortest",
      { refundDelaySeconds: 1, deadAfterSeconds: 2, maxValiditySeconds: 1, rotationDelaySeconds: 0 },
      "ok",
    ],
    ["death as soon as a refund", { refundDelaySeconds: 60, deadAfterSeconds: 60 }, "DELAYS_REFUSED"],
    ["messages that are never valid", { maxValiditySeconds: 0 }, "DELAYS_REFUSED"],
    ["the longest", { refundDelaySeconds: 2 ** 32 - 2, deadAfterSeconds: 2 ** 32 - 1 }, "ok"],
  ])("%s", (_, terms, expected) => expect(said(terms)).toBe(expected));

  it("stand in the account, byte for byte", () => {
    const escrow = new Escrow(chain, { name: "account", isUnopened: true });
    escrow.ok([escrow.createNetwork()]);
    const { attestors, ...terms } = escrow.terms;
    const expected = { ...terms, creator: escrow.creator, current: attestors, setVersion: 0, proposals: 0 };
    expect(escrow.networkAccount).toMatchObject(expected);
    expect(escrow.said(escrow.createNetwork())).toBe("ALREADY_THERE");
  });
});

describe("a rotation", () => {
  let escrow: Escrow;
  let chain: Chain;
  const fresh = keys(4, "fresh");
  beforeEach(() => {
    escrow = freshEscrow();
    chain = escrow.chain;
  });

  it("is proposed by the threshold of the current attestors", () => {
    const rotation = escrow.rotation(fresh, 3);
    expect(escrow.said(...escrow.propose(rotation, escrow.attestors.slice(0, 2)))).toBe("SIGNATURES_TOO_FEW");
    expect(escrow.said(...escrow.propose(rotation, fresh.slice(0, 3)))).toBe("SIGNER_REFUSED");
    expect(escrow.said(...escrow.propose({ ...rotation, digest: testHash("other") }))).toBe("SIGNATURES_OTHER_MESSAGE");
    escrow.ok(escrow.propose(rotation));
    const pending = { threshold: 3, keys: fresh.map(({ address }) => address) };
    const pendingAt = chain.now + 600n;
    expect(escrow.networkAccount).toMatchObject({ pending, pendingAt, pendingDigest: rotation.digest, setVersion: 0 });
  });

  it("expires, and cannot be made to last", () => {
    const rotation = escrow.rotation(fresh, 3, 10n);
    chain.pass(11n);
    expect(escrow.said(...escrow.propose(rotation))).toBe("EXPIRED");
    expect(escrow.said(...escrow.propose(escrow.rotation(fresh, 3, 301n)))).toBe("VALID_TOO_LONG");
    expect(escrow.said(...escrow.propose(escrow.rotation(fresh, 3, 300n)))).toBe("ok");
  });

  it("is held to the same rules as the first set", () => {
    expect(escrow.said(...escrow.propose(escrow.rotation(fresh, 2)))).toBe("ATTESTORS_REFUSED");
    const twice = [...fresh, fresh[0] as AttestorKey];
    expect(escrow.said(...escrow.propose(escrow.rotation(twice, 3)))).toBe("ATTESTORS_REFUSED");
  });

  it("waits for its delay, and for the new keys", () => {
    const rotation = escrow.rotation(fresh, 3);
    const activation = escrow.activate(rotation.digest, fresh.slice(0, 3));
    expect(escrow.said(...activation)).toBe("NO_ROTATION");
    escrow.ok(escrow.propose(rotation));
    chain.pass(599n);
    expect(escrow.said(...activation)).toBe("ROTATION_TOO_EARLY");
    chain.pass(1n);
    expect(escrow.said(...escrow.activate(rotation.digest, escrow.attestors.slice(0, 3)))).toBe("SIGNER_REFUSED");
    expect(escrow.said(...escrow.activate(rotation.digest, fresh.slice(0, 2)))).toBe("SIGNATURES_TOO_FEW");
    expect(escrow.said(...escrow.activate(testHash("other"), fresh.slice(0, 3)))).toBe("SIGNATURES_OTHER_MESSAGE");
    escrow.ok(activation);
    expect(escrow.said(...activation)).toBe("NO_ROTATION");
  });

  it("ends what the old attestors can do, also what they have signed before", () => {
    const signedBefore = escrow.commit({ validUntil: chain.now + 300n });
    const rotation = escrow.rotation(fresh, 3);
    escrow.ok(escrow.propose(rotation));
    chain.pass(600n);
    escrow.ok(escrow.activate(rotation.digest, fresh.slice(0, 3)));
    const old = escrow.attestors.slice(0, 3);
    expect(escrow.said(...signedBefore)).not.toBe("ok");
    expect(escrow.said(...escrow.commit({}, old))).toBe("SIGNER_REFUSED");
    expect(escrow.said(...escrow.commit({}, fresh.slice(0, 3)))).toBe("ok");
    expect(escrow.said(...escrow.propose(escrow.rotation(old, 2), old))).toBe("SIGNER_REFUSED");
  });

  it("meanwhile the old attestors go on", () => {
    escrow.ok(escrow.propose(escrow.rotation(fresh, 3)));
    expect(escrow.said(...escrow.commit())).toBe("ok");
    expect(escrow.said(...escrow.commit({}, fresh.slice(0, 3)))).toBe("SIGNER_REFUSED");
  });

  it("is one at a time, and the current attestors can cancel it", () => {
    const rotation = escrow.rotation(fresh, 3);
    const proposal = escrow.propose(rotation);
    escrow.ok(proposal);
    expect(escrow.said(...escrow.propose(escrow.rotation(keys(3), 2)))).toBe("ROTATION_PENDING");
    expect(escrow.said(...escrow.cancel(rotation.digest, fresh.slice(0, 3)))).toBe("SIGNER_REFUSED");
    expect(escrow.said(...escrow.cancel(testHash("another one")))).toBe("SIGNATURES_OTHER_MESSAGE");
    escrow.ok(escrow.cancel(rotation.digest));
    expect(escrow.said(...escrow.cancel(rotation.digest))).toBe("NO_ROTATION");
    // The signatures are still valid, but for a proposal of that number.
    expect(escrow.said(...proposal)).toBe("SIGNATURES_OTHER_MESSAGE");
    chain.pass(600n);
    expect(escrow.said(...escrow.activate(rotation.digest, fresh.slice(0, 3)))).toBe("NO_ROTATION");
  });

  it("a signature for a proposal cancels nothing, and the other way round", () => {
    const rotation = escrow.rotation(fresh, 3);
    const [proposal, propose] = escrow.propose(rotation) as [never, never];
    escrow.ok([proposal, propose]);
    const [, cancel] = escrow.cancel(rotation.digest) as [never, never];
    expect(escrow.said(proposal, cancel)).toBe("SIGNATURES_OTHER_MESSAGE");
  });
});
