import { AccountRole, type Address, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import type { ProgramInstruction } from "#src/rails/solana/program/instructions";
import { programErrors } from "#src/rails/solana/program/program-errors";
import { Chain } from "./chain.ts";
import { Escrow } from "./escrow.ts";
import { attestorKey, testAddress } from "./values.ts";

/** One instruction that is about to succeed, behind what has to stand before it. */
interface Ready {
  readonly escrow: Escrow;
  readonly before: readonly Instruction[];
  readonly instruction: ProgramInstruction;
  /** Accounts by place that may be another one, as far as the program can see. */
  readonly free?: readonly number[];
  /** Pairs of places that may be one account. */
  readonly mayAlias?: readonly string[];
}

type Make = () => Ready;

const ready = (escrow: Escrow, instructions: readonly Instruction[], rest: Partial<Ready> = {}): Ready => ({
  escrow,
  before: instructions.slice(0, -1),
  instruction: instructions.at(-1) as ProgramInstruction,
  ...rest,
});

function paidPool(): Escrow {
  const escrow = new Escrow(new Chain());
  const market = escrow.market("requester", 1_000n);
  for (const name of ["ann", "bob", "cid"]) {
    escrow.pay(name, 100n);
    escrow.putDestination(name);
  }
  escrow.allocate(market, 300n);
  escrow.ok(escrow.commit());
  escrow.ok([escrow.openPage()]);
  return escrow;
}

const fresh = Array.from({ length: 3 }, (_, i) => attestorKey(`fresh ${i}`));

const cases: Readonly<Record<string, Make>> = {
  createNetwork() {
    const escrow = new Escrow(new Chain(), { isUnopened: true });
    return ready(escrow, [escrow.createNetwork()]);
  },
  proposeRotation() {
    const escrow = new Escrow(new Chain());
    return ready(escrow, escrow.propose(escrow.rotation(fresh, 2)));
  },
  activateRotation() {
    const escrow = new Escrow(new Chain());
    const rotation = escrow.rotation(fresh, 2);
    escrow.ok(escrow.propose(rotation));
    escrow.chain.pass(600n);
    return ready(escrow, escrow.activate(rotation.digest, fresh.slice(0, 2)));
  },
  cancelRotation() {
    const escrow = new Escrow(new Chain());
    const rotation = escrow.rotation(fresh, 2);
    escrow.ok(escrow.propose(rotation));
    return ready(escrow, escrow.cancel(rotation.digest));
  },
  openPool() {
    const escrow = new Escrow(new Chain(), { isUnopened: true });
    escrow.ok([escrow.createNetwork()]);
    return ready(escrow, [escrow.openPool()]);
  },
  openMarket() {
    const escrow = new Escrow(new Chain());
    return ready(escrow, [escrow.preparedMarket("requester").open], { mayAlias: ["0=1", "1=0"] });
  },
  deposit() {
    const escrow = new Escrow(new Chain());
    return ready(escrow, [escrow.deposit(escrow.market("requester"), 10n)]);
  },
  commit() {
    return ready(paidPool(), []);
  },
  openPage() {
    const escrow = new Escrow(new Chain());
    escrow.pay("ann", 0n);
    escrow.ok(escrow.commit());
    return ready(escrow, [escrow.openPage()]);
  },
  claim() {
    const escrow = paidPool();
    return ready(escrow, [escrow.claim(1)]);
  },
  claimMany() {
    const escrow = paidPool();
    return ready(escrow, [escrow.claimMany(0, 2)]);
  },
  requestClose() {
    const escrow = new Escrow(new Chain());
    return ready(escrow, [escrow.close(escrow.market("requester"))]);
  },
  refund() {
    const escrow = paidPool();
    const market = escrow.marketOf("requester");
    escrow.ok([escrow.close(market)]);
    escrow.chain.pass(60n);
    escrow.ok(escrow.commit());
    return ready(escrow, [escrow.refund(market)]);
  },
  windDown() {
    const escrow = new Escrow(new Chain());
    escrow.chain.pass(3_601n);
    return ready(escrow, [escrow.windDown()]);
  },
};

function makeCase(name: string): Ready {
  const made = (cases[name] as Make)();
  if (name !== "commit") return made;
  const instructions = made.escrow.commit();
  return ready(made.escrow, instructions);
}

const isOurs = (said: string): boolean => Object.hasOwn(programErrors, said);
const isSigner = (role: AccountRole): boolean =>
  role === AccountRole.READONLY_SIGNER || role === AccountRole.WRITABLE_SIGNER;
const isWritable = (role: AccountRole): boolean =>
  role === AccountRole.WRITABLE || role === AccountRole.WRITABLE_SIGNER;

type Accounts = ProgramInstruction["accounts"];
const without = (accounts: Accounts, place: number): Accounts => accounts.filter((_, i) => i !== place);
const replaced = (accounts: Accounts, place: number, change: Partial<Accounts[number]>): Accounts =>
  accounts.map((account, i) => (i === place ? { ...account, ...change } : account));

describe.each(Object.keys(cases))("%s", (name) => {
  const made = makeCase(name);
  const { escrow, before, instruction, mayAlias = [] } = made;
  const { chain } = escrow;
  const { accounts, data } = instruction;
  /** Who pays the fee is none of the accounts, so that it lends no role to them. */
  const payer = testAddress("somebody else");
  chain.fund(payer);
  const tried = (change: Partial<ProgramInstruction>): string =>
    chain.send([...before, { ...instruction, ...change }], { payer }).said;

  it("refuses data that are a byte longer or shorter", () => {
    expect(tried({ data: Uint8Array.from([...data, 0]) })).toBe("DATA_LENGTH");
    const shorter = tried({ data: data.subarray(0, -1) });
    expect(shorter).toBe(data.length === 1 ? "UNKNOWN_INSTRUCTION" : "DATA_LENGTH");
  });

  it("refuses data that end anywhere before their end", () => {
    for (const length of [1, 2, 9, 11, 17, 25, 42].filter((each) => each < data.length)) {
      expect(tried({ data: data.subarray(0, length) }), `${length} bytes`).toBe("DATA_LENGTH");
    }
  });

  it("refuses an account more or less", () => {
    const extra = { address: testAddress("extra"), role: AccountRole.READONLY };
    expect(tried({ accounts: [...accounts, extra] })).toBe("ACCOUNT_COUNT");
    expect(tried({ accounts: without(accounts, accounts.length - 1) })).toBe("ACCOUNT_COUNT");
  });

  it("refuses a missing signature", () => {
    for (const [place, { role }] of accounts.entries()) {
      if (!isSigner(role)) continue;
      const unsigned = role === AccountRole.WRITABLE_SIGNER ? AccountRole.WRITABLE : AccountRole.READONLY;
      expect(tried({ accounts: replaced(accounts, place, { role: unsigned }) }), `account ${place}`).toBe(
        "SIGNER_MISSING",
      );
    }
  });

  it("refuses an account that is to be changed and is read-only", () => {
    for (const [place, { role }] of accounts.entries()) {
      if (!isWritable(role)) continue;
      const readonly = isSigner(role) ? AccountRole.READONLY_SIGNER : AccountRole.READONLY;
      const said = tried({ accounts: replaced(accounts, place, { role: readonly }) });
      // A batch of up to 32 leaves this to the token program, whose error is as good.
      const isDestination = name === "claimMany" && place >= 4;
      expect(said, `account ${place}`).toBe(
        isDestination ? '{"InstructionError":[0,"PrivilegeEscalation"]}' : "NOT_WRITABLE",
      );
    }
  });

  it("refuses every account in the place of every other", () => {
    for (const [place, account] of accounts.entries()) {
      for (const [other, { address }] of accounts.entries()) {
        if (place === other || mayAlias.includes(`${place}=${other}`)) continue;
        // A batch may name one destination twice, but then the leaf is another.
        const said = tried({ accounts: replaced(accounts, place, { ...account, address }) });
        expect(isOurs(said), `account ${other} also as ${place}: ${said}`).toBe(true);
      }
    }
  });

  it("refuses an account that is not there", () => {
    for (const [place, { role }] of accounts.entries()) {
      const said = tried({ accounts: replaced(accounts, place, { address: testAddress(`nobody ${place}`) }) });
      // Who pays rent may be anybody with lamports; that nobody has none is the system program's to say.
      const isPayer = role === AccountRole.WRITABLE_SIGNER && name !== "createNetwork";
      expect(isPayer || isOurs(said), `account ${place}: ${said}`).toBe(true);
      expect(said, `account ${place}`).not.toBe("ok");
    }
  });

  it("refuses its own accounts with another owner, tag, version or size", () => {
    for (const { address } of accounts) {
      const account = chain.get(address);
      if (account === undefined || account.owner !== chain.program) continue;
      const changed = (at: number, value: number): Uint8Array => {
        const bytes = Uint8Array.from(account.data);
        bytes[at] = value;
        return bytes;
      };
      const wrong: [string, Partial<typeof account>][] = [
        ["WRONG_OWNER", { owner: testAddress("another program") }],
        ["WRONG_ACCOUNT_KIND", { data: changed(0, 0x78) }],
        ["WRONG_ACCOUNT_KIND", { data: changed(7, 1) }],
        ["WRONG_VERSION", { data: changed(8, 0) }],
        ["WRONG_VERSION", { data: changed(8, 2) }],
        ["WRONG_ACCOUNT_KIND", { data: account.data.slice(0, -1) }],
        ["WRONG_ACCOUNT_KIND", { data: Uint8Array.from([...account.data, 0]) }],
        ["WRONG_ACCOUNT_KIND", { data: new Uint8Array(account.data.length) }],
      ];
      for (const [error, change] of wrong) {
        chain.set(address, { ...account, lamports: account.lamports + 1_000_000n, ...change });
        expect(tried({}), JSON.stringify(Object.keys(change))).toBe(error);
      }
      chain.set(address, account);
    }
  });

  it("succeeds as it is, so that nothing else was the reason", () => {
    expect(tried({})).toBe("ok");
  });
});

describe("the number of the instruction", () => {
  it.each([14, 15, 127, 255])("%i is refused", (number) => {
    const chain = new Chain();
    const said = chain.send([{ programAddress: chain.program, data: Uint8Array.of(number) }]).said;
    expect(said).toBe("UNKNOWN_INSTRUCTION");
  });

  it("is refused where it is missing", () => {
    const chain = new Chain();
    expect(chain.send([{ programAddress: chain.program }]).said).toBe("UNKNOWN_INSTRUCTION");
  });
});

describe("accounts of the right kind that belong elsewhere", () => {
  const chain = new Chain();
  const [one, two] = ["one", "two"].map((name) => new Escrow(chain, { name })) as [Escrow, Escrow];
  for (const escrow of [one, two]) {
    const market = escrow.market(`requester of ${escrow.mint}`, 1_000n);
    escrow.pay("ann", 100n);
    escrow.putDestination("ann");
    escrow.allocate(market, 100n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
  }
  const [market, other] = [one, two].map((each) => each.marketOf(`requester of ${each.mint}`)) as [
    ReturnType<Escrow["marketOf"]>,
    ReturnType<Escrow["marketOf"]>,
  ];
  const swapped = (instruction: ProgramInstruction, place: number, address: Address): string =>
    one.said({ ...instruction, accounts: replaced(instruction.accounts, place, { address }) });

  it.each<[string, () => ProgramInstruction, number, Address, string]>([
    ["a deposit into another pool's market", () => one.deposit(market, 1n), 4, other.address, "WRONG_POOL"],
    ["a deposit into another vault", () => one.deposit(market, 1n), 2, two.at.vault, "WRONG_VAULT"],
    ["a deposit from another mint", () => one.deposit(market, 1n), 1, other.source, "WRONG_MINT"],
    [
      "a claim on another pool's page",
      () => one.claim(0),
      1,
      two.claim(0).accounts[1]?.address as Address,
      "WRONG_POOL",
    ],
    ["a claim from another vault", () => one.claim(0), 2, two.at.vault, "WRONG_VAULT"],
    ["a claim to another mint", () => one.claim(0), 3, two.destination("ann"), "TOKEN_ACCOUNT_UNUSABLE"],
    ["closing another pool's market", () => one.close(market), 3, other.address, "WRONG_POOL"],
    ["closing with another network", () => one.close(market), 1, two.network, "WRONG_NETWORK"],
    ["winding down with another network", () => one.windDown(), 0, two.network, "WRONG_NETWORK"],
  ])("%s", (_, make, place, address, error) => {
    expect(swapped(make(), place, address)).toBe(error);
  });

  it("closing somebody else's market", () => {
    const instruction = one.close(market);
    expect(swapped(instruction, 0, testAddress("stranger"))).toBe("NOT_THE_REQUESTER");
  });

  it("depositing somebody else's tokens, even with their delegation", () => {
    const stranger = testAddress("stranger");
    expect(swapped(one.deposit(market, 1n), 0, stranger)).toBe("NOT_THE_OWNER");
  });

  it("depositing from what only looks like a token account", () => {
    const source = testAddress("looks like a source");
    const tokens = chain.data(market.source);
    chain.put(source, testAddress("another program"), tokens);
    expect(swapped(one.deposit(market, 1n), 1, source)).toBe("TOKEN_ACCOUNT_UNUSABLE");
    chain.put(source, one.at.tokenProgram, tokens.slice(0, -1));
    expect(swapped(one.deposit(market, 1n), 1, source)).toBe("TOKEN_ACCOUNT_UNUSABLE");
  });

  it("committing with another network", () => {
    const [signatures, commit] = one.commit() as [Instruction, ProgramInstruction];
    expect(one.said(signatures, { ...commit, accounts: replaced(commit.accounts, 0, { address: two.network }) })).toBe(
      "WRONG_NETWORK",
    );
  });
});
