import { PageFault } from "../../fault.ts";

/** What a node on this computer says of itself at `status.json`. */
export interface NodeStatus {
  readonly address: string;
  readonly today: { readonly bytes: number; readonly computedMs: number };
  readonly lendings: readonly LendingStatus[];
  readonly caps: {
    readonly bytesPerDayMax: number;
    readonly bytesPerSecondMax: number;
    readonly processorPpm: number;
    readonly hours: { readonly from: number; readonly to: number } | null;
    readonly isMeteredAllowed: boolean;
  };
  readonly log: readonly NodeLine[];
}

export interface LendingStatus {
  readonly lending: "bandwidth" | "compute" | "energy";
  readonly isConnected: boolean;
  /** Of a node of before these were said they are missing. */
  readonly problem?: string | null;
  readonly standsBehindBy?: string | null;
  readonly idle: string | null;
  readonly connectedMs: number;
  readonly busyMs: number;
  readonly paid: number;
  readonly unpaid: number;
  readonly earned: string;
}

export interface NodeLine {
  readonly timeMs: number;
  readonly lending: LendingStatus["lending"];
  readonly title: string;
  readonly state: string;
  readonly reason: string | null;
  readonly reward: string;
}

/** Where a node shows itself unless its owner moved it: the one address beside our own that this page may ask. */
export const nodeAddress = "http://127.0.0.1:4800";

/** Null where there is none. @throws PageFault where something else answers */
export async function readNode(signal: AbortSignal): Promise<NodeStatus | null> {
  let response: Response;
  try {
    response = await fetch(`${nodeAddress}/status.json`, { signal, cache: "no-store", credentials: "omit" });
  } catch {
    return null;
  }
  const found = (await response.json().catch(() => null)) as NodeStatus | null;
  const isNode = typeof found?.address === "string" && Array.isArray(found.lendings) && Array.isArray(found.log);
  if (!isNode) throw new PageFault("NODE_UNREADABLE", "node.unreadable", { address: nodeAddress });
  return found;
}
