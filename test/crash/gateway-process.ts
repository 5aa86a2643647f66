import { Gateway, type GatewayMarkets, type Standings } from "#src/engine/gateway/gateway";
import { gatewayOptions, onOneMachine } from "#src/main/gateway-options";

/** What a gateway asks of the process that started it, and what it is told. */
export interface Asked {
  readonly id: number;
  readonly method: "open" | "slot" | "measure" | "of" | "note" | "resolve";
  readonly given: readonly unknown[];
}
export type Told = { readonly id: number } & ({ readonly value: unknown } | { readonly problem: string });

/** A gateway that can be killed: its markets and its names are those of whoever started it. */
const [, , folder = "", port = "0"] = process.argv;
const waiting = new Map<number, (told: Told) => void>();
let asked = 0;

process.on("message", (told: Told) => {
  waiting.get(told.id)?.(told);
  waiting.delete(told.id);
});

const ask =
  (method: Asked["method"]) =>
  (...given: readonly unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = asked++;
      waiting.set(id, (told) => ("value" in told ? resolve(told.value as never) : reject(new Error(told.problem))));
      process.send?.({ id, method, given } satisfies Asked);
    });

const markets: GatewayMarkets = { open: ask("open"), slot: ask("slot"), measure: ask("measure") };
const standings: Standings = { of: ask("of"), note: ask("note") };
const gateway = await Gateway.open(
  gatewayOptions({
    name: "test gateway",
    folder,
    markets,
    standings,
    web: { resolve: ask("resolve"), limits: { bodyBytesMax: 300_000, pageMsMax: 10_000 } },
    ...onOneMachine,
    secret: new Uint8Array(32).fill(7),
    pagesAtOnce: 1,
    log: () => undefined,
  }),
);
process.send?.({ port: await gateway.listen("127.0.0.1", Number(port)) });
