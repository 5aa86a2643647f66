import { Contributor } from "../client/contributor.ts";
import type { Signer } from "../client/keys.ts";
import type { FactsInput } from "../contract/sessions.ts";
import type { Json } from "../core/json.ts";
import { Allowance, type Caps, type Idle, idleNow, type Usage } from "./caps.ts";
import type { Lending, NodeEvent } from "./events.ts";
import { ComputeLender, type Computer } from "./lend-compute.ts";
import { LineLender, type LineOptions } from "./lend-line.ts";
import { MeterLender, type MeterSource } from "./lend-meter.ts";
import { type Lender, usualLooks } from "./lender.ts";
import type { NodeFolder } from "./node-folder.ts";
import type { Fields } from "./relay.ts";
import { type LendingStatus, Tally } from "./tally.ts";

/** What is lent: nothing that is not here. */
export interface Lent {
  readonly line?: LineOptions;
  /** Opens a sandbox. */
  readonly computer?: () => Computer;
  readonly meter?: MeterSource;
}

export interface NodeOptions {
  readonly server: string;
  readonly signer: Signer;
  /** What its owner says of where it is; markets may ask for it. */
  readonly facts?: FactsInput;
  readonly lent: Lent;
  readonly folder: NodeFolder;
  readonly caps: Caps;
  readonly clock: () => number;
  /** Of the day, by the machine's own time. */
  readonly minuteOf: (timeMs: number) => number;
  /** Whether the network costs by the byte. */
  readonly isMetered: () => Promise<boolean>;
  /** How often work is looked for, where it is not as usual. */
  readonly looks?: Lender["looks"];
  readonly onEvent: (event: NodeEvent) => void;
  readonly stopped: AbortSignal;
}

/** What the status page shows. */
export interface NodeStatus {
  readonly address: string;
  readonly today: Usage;
  readonly lendings: readonly LendingStatus[];
}

/** Where the network is away, its owner does not wait for it. */
const signOutMsMax = 3_000;

/** A node: does what its owner lends, each kind beside the others, within the same caps. */
export class RunningNode {
  readonly #options: NodeOptions;
  readonly #contributor: Contributor;
  readonly #allowance: Allowance;
  readonly #tallies: readonly Tally[];
  readonly #running: (() => Promise<void>)[] = [];

  private constructor(options: NodeOptions, usage: Usage | null) {
    const { server, signer, clock, caps, lent, facts } = options;
    this.#options = options;
    this.#contributor = new Contributor({ server, signer, automated: true, ...(facts && { facts }) });
    this.#allowance = new Allowance(caps, clock, usage);
    const { line, computer, meter } = lent;
    const tallies: Tally[] = [];
    const lender = (lending: Lending): Lender => {
      const tally = new Tally(lending, options);
      tallies.push(tally);
      return {
        ...options,
        looks: options.looks ?? usualLooks,
        contributor: this.#contributor,
        allowance: this.#allowance,
        tally,
        idle: () => this.#idle(),
      };
    };
    if (line) this.#add(new LineLender({ ...lender("bandwidth"), ...line, signer }));
    if (computer) this.#add(new ComputeLender(lender("compute"), computer));
    if (meter) this.#add(new MeterLender(lender("energy"), meter));
    this.#tallies = tallies;
  }

  static async open(options: NodeOptions): Promise<RunningNode> {
    return new RunningNode(options, await options.folder.read("usage.json", readUsage));
  }

  get status(): NodeStatus {
    return {
      address: this.#contributor.address,
      today: this.#allowance.usage,
      lendings: this.#tallies.map(({ status }) => status),
    };
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    await Promise.all(this.#running.map((run) => run()));
    await this.#contributor.signOut({ signal: AbortSignal.timeout(signOutMsMax) }).catch(() => undefined);
  }

  #add(lender: { run(): Promise<void> }): void {
    this.#running.push(() => lender.run());
  }

  async #idle(): Promise<Idle | null> {
    const { caps, minuteOf, clock, folder, isMetered } = this.#options;
    const idle = idleNow(caps, minuteOf(clock()), folder.isPaused);
    if (idle !== null || caps.isMeteredAllowed) return idle;
    return (await isMetered()) ? "metered network" : null;
  }
}

function readUsage(json: Json): Usage | null {
  const { day, bytes, sessions, pages, pieces = 0, computedMs = 0 } = json as Fields;
  const numbers = [day, bytes, sessions, pages, pieces, computedMs];
  return numbers.every((each) => typeof each === "number" && each >= 0)
    ? ({ day, bytes, sessions, pages, pieces, computedMs } as unknown as Usage)
    : null;
}
