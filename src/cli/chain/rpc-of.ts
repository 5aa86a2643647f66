import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";
import { type CommandContext, serverUrl } from "../context.ts";
import { readTextFile } from "../files.ts";

/** As `earnest serve` and `earnest dev` write it beside their data. */
const localChain = "localnet.json";

/** The node that is named, or the local chain of this data folder; null where there is none. */
export async function knownRpc({ dataFolder }: CommandContext, rpc: string | undefined): Promise<string | null> {
  if (rpc !== undefined) return serverUrl(rpc);
  const text = await readTextFile(join(dataFolder, localChain), 10_000).catch(() => "{}");
  try {
    const { rpcUrl } = JSON.parse(text) as { readonly rpcUrl?: unknown };
    return typeof rpcUrl === "string" ? serverUrl(rpcUrl) : null;
  } catch {
    return null;
  }
}

/** @throws MALFORMED_COMMAND where none is known */
export async function rpcOf(context: CommandContext, rpc: string | undefined): Promise<string> {
  const known = await knownRpc(context, rpc);
  if (known !== null) return known;
  throw earnestError("MALFORMED_COMMAND", {
    problem: `No Solana node is known: there is no local chain in ${context.dataFolder}`,
    mend: "Name one with --rpc URL; `npm start` prints that of the local chain.",
  });
}
