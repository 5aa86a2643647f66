import { Earnest } from "../../../src/client/earnest.ts";
import { isApiError } from "../../../src/client/errors.ts";
import type { Signer } from "../../../src/client/keys.ts";
import { toBase58 } from "../../../src/core/bytes.ts";
import { network, server, watched } from "../connection.ts";
import { PageFault } from "../fault.ts";
import { makeWallet } from "../keys/wallet.ts";
import { place } from "../router.ts";
import { Store } from "../store.ts";

/** Who asks for work in this tab. */
export interface Account {
  readonly client: Earnest;
  readonly owner: string;
  /** Null where this browser's own key is the owner. */
  readonly apiKey: string | null;
}

export const account = new Store<Account | null>(null);

/** Whether it is being found out who was here before, or what kept it from being. */
export const recalling = new Store<"busy" | { readonly problem: unknown } | null>(null);

/** Of the tab alone: whoever closes it has signed out. "browser" stands for the key of this browser. */
const kept = "earnest:console";
const keyForm = /^earnest_(?:test|live)_[\w-]{8,200}$/;

/**
 * At the start: the key that `npm start` printed into the address, or what this tab had. What stands behind the # of an
 * address is never sent to a server; here it leaves the address at once, and with it the history of the browser.
 */
export async function recallAccount(): Promise<void> {
  const given = decodeURIComponent(location.hash.slice(1));
  if (keyForm.test(given)) {
    history.replaceState(null, "", location.pathname);
    place.set(location.pathname);
    remember(given);
  }
  const known = remembered();
  if (known === null) return;
  recalling.set("busy");
  try {
    await (known === "browser" ? signInHere() : signInWith(known));
    recalling.set(null);
  } catch (problem) {
    // A key that the server refuses is forgotten, and there is nothing more to try.
    recalling.set(remembered() === null ? null : { problem });
  }
}

export async function signInWith(typed: string): Promise<void> {
  const apiKey = typed.trim();
  if (!keyForm.test(apiKey)) throw new PageFault("API_KEY_MALFORMED", "console.keyMalformed");
  const client = new Earnest({ server, apiKey, retriesMax: 2, timeoutMs: 60_000 });
  try {
    const [own] = (await watched(client.apiKeys.list({ limit: 1 }).page())).items;
    if (own === undefined) throw new PageFault("API_KEY_MALFORMED", "console.keyMalformed");
    remember(apiKey);
    account.set({ client, owner: own.owner, apiKey });
  } catch (error) {
    // A server that is away or at fault says nothing of the key.
    if (error instanceof PageFault || (isApiError(error) && error.status < 500)) forget();
    throw error;
  }
}

/** The key that earns here asks for work as well: nothing has to be typed. */
export async function signInHere(): Promise<void> {
  const signer = await walletSigner();
  await network();
  const client = await watched(Earnest.signIn({ server, signer, retriesMax: 2, timeoutMs: 60_000 }));
  remember("browser");
  account.set({ client, owner: toBase58(signer.publicKey), apiKey: null });
}

/** The wallet that pays deposits and gets refunds. */
export async function walletSigner(): Promise<Signer> {
  const { signer, isApp } = await makeWallet();
  if (isApp) throw new PageFault("WALLET_ELSEWHERE", "console.walletElsewhere");
  return signer;
}

export function signOut(): void {
  forget();
  recalling.set(null);
  account.set(null);
}

function remember(what: string): void {
  try {
    sessionStorage.setItem(kept, what);
  } catch {
    // A private window may refuse: then it lasts as long as the page.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(kept);
  } catch {
    return null;
  }
}

function forget(): void {
  try {
    sessionStorage.removeItem(kept);
  } catch {
    // Nothing was kept.
  }
}
