import type { SolanaClient } from "#src/rails/solana/client";

/** Token accounts that one version 1 transaction makes. */
const creationsEach = 12;

export interface Phases {
  readonly readSeconds: number;
  /** From the first transaction that makes accounts, its signing included, until all are final. */
  readonly creationSeconds: number;
  readonly claimSeconds: number;
  readonly checkSeconds: number;
}

/** A client that notes when transactions were sent and taken. */
export class Timeline {
  readonly client: SolanaClient;
  readonly #begun: number[] = [];
  readonly #ended: number[] = [];

  constructor(client: SolanaClient) {
    this.client = {
      ...client,
      call: async (make) => {
        let isSend = false;
        const begun = performance.now();
        const result = await client.call((rpc) =>
          make(
            new Proxy(rpc, {
              get: (target, method: keyof typeof rpc) => {
                isSend = method === "sendTransaction";
                return target[method];
              },
            }),
          ),
        );
        if (isSend) {
          this.#begun.push(begun);
          this.#ended.push(performance.now());
        }
        return result;
      },
    };
  }

  /** Of a payment that began at this time and ends now: first pages and accounts, then claims. */
  phases(started: number, transactions: number, contributors: number): Phases {
    const begun = this.#begun.toSorted((a, b) => a - b);
    const ended = this.#ended.toSorted((a, b) => a - b);
    const pages = Math.ceil(Math.ceil(contributors / 256) / 8);
    const setup = pages + Math.ceil(contributors / creationsEach);
    const [firstSend, lastMade] = [begun[0] as number, ended[setup - 1] as number];
    const lastClaimed = ended[transactions - 1] as number;
    return {
      readSeconds: (firstSend - started) / 1000,
      creationSeconds: (lastMade - firstSend) / 1000,
      claimSeconds: (lastClaimed - lastMade) / 1000,
      checkSeconds: (performance.now() - lastClaimed) / 1000,
    };
  }
}
