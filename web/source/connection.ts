import { Contributor } from "../../src/client/contributor.ts";
import { EarnestConnectionError } from "../../src/client/errors.ts";
import { Transport } from "../../src/client/transport.ts";
import type { Network } from "../../src/contract/network.ts";
import { routes } from "../../src/contract/routes.ts";
import type { Me } from "../../src/contract/sessions.ts";
import { keptSession, sessionKeeper } from "./keys/app-session.ts";
import { makeWallet, newSessionKey, savedWallet, type Wallet } from "./keys/wallet.ts";
import { settings } from "./settings.ts";
import { Store } from "./store.ts";

/** How the page reaches the server it came from. */
export const server = location.origin;

/** Few attempts: a person watches, and what matters is tried again from the outbox. */
export const transport = new Transport({ server, retriesMax: 2, timeoutMs: 20_000 });

/** Whether the network can be reached, by what the browser says and by what requests meet. */
export const online = new Store<boolean>(navigator.onLine);
addEventListener("online", () => online.set(true));
addEventListener("offline", () => online.set(false));

/** A browser knows of its own network only: while the server is away, the page looks whether it is there again. */
const lookAgainMs = 3_000;
let looking: ReturnType<typeof setTimeout> | undefined;

function lookAgain(): void {
  clearTimeout(looking);
  if (online.value) return;
  looking = setTimeout(() => {
    if (document.hidden || !navigator.onLine) lookAgain();
    else
      fetch(`${server}/healthz`, { cache: "no-store" }).then(
        ({ ok }) => (ok ? online.set(true) : lookAgain()),
        lookAgain,
      );
  }, lookAgainMs);
}
online.subscribe(lookAgain);
lookAgain();

/** Runs a request and learns from it whether there is a connection. */
export async function watched<Value>(request: Promise<Value>): Promise<Value> {
  try {
    const value = await request;
    online.set(true);
    return value;
  } catch (error) {
    if (error instanceof EarnestConnectionError) online.set(false);
    throw error;
  }
}

/** Who is here; null before the first answer. */
export const contributor = new Store<Contributor | null>(null);
export const me = new Store<Me | null>(null);

/** The server's clock less ours, for what is left of a lease. */
let clockOffsetMs = 0;
export const serverNow = (): number => Date.now() + clockOffsetMs;

let knownNetwork: Promise<Network> | null = null;
/** As it was last found; null before. */
export const networkFound = new Store<Network | null>(null);

export function network(): Promise<Network> {
  knownNetwork ??= watched(transport.call(routes.getNetwork)).then((found) => {
    clockOffsetMs = found.timeMs - Date.now();
    networkFound.set(found);
    return found;
  });
  knownNetwork.catch(() => {
    knownNetwork = null;
  });
  return knownNetwork;
}

/** The network as a market sees it: its token has a pool of its own, and decimals of its own. */
export async function networkOf(market: string): Promise<Network> {
  const known = await network();
  if (known.tokens.length <= 1) return known;
  const { token } = await watched(transport.call(routes.getMarket, { params: { market } }));
  const { mint, decimals, canFreeze, pool, vault } = token;
  return { ...known, mint, decimals, canFreeze, pool, vault };
}

/** Asks again: the network pays in another token now. */
export function networkAnew(): Promise<Network> {
  knownNetwork = null;
  return network();
}

async function contributorWith({ signer, saltSecret, isApp }: Wallet, isAnew = false): Promise<Contributor> {
  const { languages, country, birthYear } = settings.value.about;
  const session = isApp && !isAnew ? await keptSession(signer.publicKey, Date.now()) : null;
  return new Contributor({
    server,
    signer,
    saltSecret,
    facts: { languages: [...languages], country, birthYear },
    ...(isApp ? sessionKeeper() : { newKey: newSessionKey }),
    ...(session !== null && { session }),
    network: async () => ({ ...(await network()), timeMs: serverNow() }),
    retriesMax: 2,
    timeoutMs: 20_000,
  });
}

let entering: Promise<Contributor> | null = null;

/** Signs in with the key of this browser, which is made where there is none. */
export function enter(): Promise<Contributor> {
  entering ??= (async () => {
    const known = contributor.value ?? (await contributorWith(await makeWallet()));
    await watched(known.signIn());
    contributor.set(known);
    return known;
  })();
  entering.catch(() => {
    entering = null;
  });
  return entering;
}

/** Another session: what somebody says of themselves is said when they sign in. */
export async function signInAnew(): Promise<void> {
  const wallet = await savedWallet();
  if (wallet === null) return;
  const known = await contributorWith(wallet, true);
  await watched(known.signIn());
  entering = Promise.resolve(known);
  contributor.set(known);
}

/** At the start: whoever has a key here is somebody, also where the server cannot be reached yet. */
export async function recognise(): Promise<void> {
  const wallet = await savedWallet();
  if (wallet !== null) contributor.set(await contributorWith(wallet));
}

/** Reads the balance again. */
export async function refreshMe(): Promise<void> {
  const known = contributor.value;
  if (known !== null) me.set(await watched(known.me()));
}
