import { isPublicIpv4, isPublicIpv6 } from "./address.ts";
import { isPublicName, readHost } from "./host.ts";

/** The parts of a URL that say whom a request goes to, as every URL parser gives them. */
export interface Target {
  /** With its colon. */
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  /** Empty where it is the protocol's own. */
  readonly port: string;
}

/** Why a URL is not fetched. */
export const refusals = ["scheme", "credentials", "port", "host", "private", "allowList", "robots"] as const;
export type Refusal = (typeof refusals)[number];

/** Why nobody may be asked for this, before any name is resolved; null where nothing speaks against it. */
export function refusalOf({ protocol, username, password, hostname, port }: Target): Refusal | null {
  if (protocol !== "http:" && protocol !== "https:") return "scheme";
  if (username !== "" || password !== "") return "credentials";
  if (port !== "" && port !== "80" && port !== "443") return "port";
  const host = readHost(hostname);
  if (host === null) return "host";
  switch (host.type) {
    case "name":
      return isPublicName(host.name) ? null : "private";
    case "ipv4":
      return isPublicIpv4(host.address) ? null : "private";
    case "ipv6":
      return isPublicIpv6(host.address) ? null : "private";
  }
}

/**
 * Whether an allow-list has a URL: each line of it is a host, `*.host` for what is below it, either with a path that
 * URLs must begin with.
 */
export function isListed(allowList: readonly string[], hostname: string, path: string): boolean {
  return allowList.some((line) => {
    const slash = line.indexOf("/");
    const host = (slash < 0 ? line : line.slice(0, slash)).toLowerCase();
    const prefix = slash < 0 ? "/" : line.slice(slash);
    const isHost = host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host;
    return isHost && path.startsWith(prefix);
  });
}
