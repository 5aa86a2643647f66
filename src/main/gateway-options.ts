import type { Web } from "../engine/gateway/browser.ts";
import type { GatewayOptions } from "../engine/gateway/gateway.ts";
import { usualChecks } from "../engine/gateway/session.ts";
import { householdOfAddress, networkOfAddress } from "../verification/web/address.ts";
import { randomFill, verifyEd25519Aside } from "./crypto.ts";

/** What every gateway has of its own. */
type Own = Pick<GatewayOptions, "name" | "folder" | "markets" | "standings" | "secret" | "log">;

interface Parts extends Own, Partial<Omit<GatewayOptions, "web" | keyof Own>> {
  readonly web: Pick<Web, "resolve"> & Partial<GatewayOptions["web"]>;
}

/** A gateway as `earnest gateway` runs one, as far as nothing else comes along. */
export const gatewayOptions = ({ web, ...parts }: Parts): GatewayOptions => ({
  politeness: { connectionsMax: 2, pauseMs: 1_000, domainPagesPerDayMax: 20_000 },
  canary: null,
  checks: usualChecks,
  pagesAtOnce: 6,
  householdOf: householdOfAddress,
  networkOf: networkOfAddress,
  tunnelsMax: 20_000,
  sessionsMax: 200,
  verify: verifyEd25519Aside,
  random: randomFill,
  ...parts,
  web: {
    robotsName: "EarnestBot",
    userAgent: "EarnestBot/1.0 (+https://earnest.example/bot)",
    authorities: [],
    limits: { bodyBytesMax: 10_000_000, pageMsMax: 30_000 },
    clock: Date.now,
    ...web,
  },
});

/** For a web on one machine: each address counts as a network, and a site is asked as fast as it answers. */
export const onOneMachine = {
  householdOf: (address: string) => address,
  networkOf: (address: string) => address,
  politeness: { connectionsMax: 1_000, pauseMs: 0, domainPagesPerDayMax: 1_000_000 },
} as const satisfies Partial<GatewayOptions>;
