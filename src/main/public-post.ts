import type { LookupOptions } from "node:dns";
import { lookup as resolveName } from "node:dns/promises";
import { type Agent as HttpAgent, request as requestPlain } from "node:http";
import { type Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import { callbackify } from "node:util";
import { isPublicAddress } from "../verification/web/address.ts";

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** For connections that try all addresses of a name: each of them must be of the public internet. */
export const publicOnly = (resolve: Resolve = (name) => resolveName(name, { all: true })): LookupFunction =>
  callbackify(async (name: string, _: LookupOptions) => {
    const addresses = await resolve(name);
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
      throw new Error("its name is not one of the public internet");
    }
    return [...addresses];
  });

interface PostOptions {
  readonly agent?: Agent | HttpAgent;
  readonly lookup?: LookupFunction;
  readonly headers: Record<string, string>;
  readonly msMax: number;
}

/** The status of what is answered. Redirects are not followed: nobody gave us their addresses. */
export function post(url: string, { msMax, ...options }: PostOptions, body: Buffer | string | null): Promise<number> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(msMax);
    const ask = url.startsWith("http:") ? requestPlain : request;
    const asked = ask(url, { ...options, method: "POST", signal }, (response) => {
      resolve(response.statusCode ?? 0);
      // Whatever else it says is not read.
      response.destroy();
    });
    asked.on("error", reject);
    asked.end(body ?? undefined);
  });
}
