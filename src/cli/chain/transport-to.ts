import { Transport } from "../../client/transport.ts";
import { type CommandContext, serverUrl } from "../context.ts";

/** Another server than the profile's: an attestor. It is given no credentials. */
export const transportTo = async (context: CommandContext, url: string): Promise<Transport> =>
  new Transport({ ...(await context.clientOptions()), server: serverUrl(url) });
