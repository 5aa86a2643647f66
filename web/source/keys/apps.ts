import type { Signer } from "../../../src/client/keys.ts";
import { bytes32, equalBytes, toBase58 } from "../../../src/core/bytes.ts";
import { PageFault } from "../fault.ts";
import { Store } from "../store.ts";

/**
 * Wallets that the visitor has in other programs. They make themselves known by two events, as the Wallet Standard says;
 * each may come first.
 */
interface Account {
  readonly address: string;
  readonly publicKey: Uint8Array;
  readonly chains: readonly string[];
}

interface StandardWallet {
  readonly name: string;
  readonly chains: readonly string[];
  readonly accounts: readonly Account[];
  readonly features: {
    readonly "standard:connect"?: {
      connect(input?: { readonly silent?: boolean }): Promise<{ readonly accounts: readonly Account[] }>;
    };
    readonly "solana:signMessage"?: {
      signMessage(input: {
        readonly account: Account;
        readonly message: Uint8Array;
      }): Promise<readonly { readonly signedMessage: Uint8Array; readonly signature: Uint8Array }[]>;
    };
  };
}

export interface App {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

const found = new Store<readonly StandardWallet[]>([]);
/** The names of those that can be used here. */
export const apps = new Store<readonly string[]>([]);

const isUsable = ({ chains, features }: StandardWallet): boolean =>
  chains.some((chain) => chain.startsWith("solana:")) &&
  features["standard:connect"] !== undefined &&
  features["solana:signMessage"] !== undefined;

function register(...wallets: readonly StandardWallet[]): () => void {
  found.update((now) => [...now, ...wallets.filter((each) => isUsable(each) && !now.includes(each))]);
  apps.set([...new Set(found.value.map(({ name }) => name))]);
  return () => {
    found.update((now) => now.filter((each) => !wallets.includes(each)));
    apps.set([...new Set(found.value.map(({ name }) => name))]);
  };
}

const api = Object.freeze({ register });
addEventListener("wallet-standard:register-wallet", (event) => {
  const { detail } = event as CustomEvent<(given: typeof api) => void>;
  detail(api);
});
dispatchEvent(new CustomEvent("wallet-standard:app-ready", { detail: api }));

/** Asks the program for the owner's account. */
export async function connectApp(name: string): Promise<App> {
  const [, account] = await accountOf(name);
  return { name, publicKey: new Uint8Array(account.publicKey) };
}

async function accountOf(name: string, publicKey?: Uint8Array): Promise<[StandardWallet, Account]> {
  const wallet = found.value.find((each) => each.name === name);
  if (wallet === undefined) throw new PageFault("APP_NOT_FOUND", "app.notFound", { name });
  const isIt = (each: Account): boolean => publicKey === undefined || equalBytes(publicKey, each.publicKey);
  const known = wallet.accounts.find((each) => isIt(each));
  if (known !== undefined && publicKey !== undefined) return [wallet, known];
  const connected = await asked(name, () => wallet.features["standard:connect"]?.connect());
  const account = connected?.accounts.find((each) => isIt(each));
  if (account !== undefined) return [wallet, account];
  const address = publicKey === undefined ? "" : toBase58(publicKey);
  throw new PageFault("APP_ACCOUNT_NOT_FOUND", "app.otherAccount", { name, address });
}

/** Signs in the program, whose owner is asked each time. */
export const appSigner = ({ name, publicKey }: App): Signer => ({
  publicKey: bytes32(publicKey),
  async sign(message) {
    const [wallet, account] = await accountOf(name, publicKey);
    const signed = await asked(name, () => wallet.features["solana:signMessage"]?.signMessage({ account, message }));
    const [first] = signed ?? [];
    if (first === undefined) throw new PageFault("APP_REFUSED", "app.refused", { name });
    // Some put something of their own before what they sign, which the network would not take.
    if (!equalBytes(first.signedMessage, message)) throw new PageFault("APP_CHANGED", "app.changed", { name });
    return new Uint8Array(first.signature);
  },
});

/** What a program says where its owner declines, each in its own way. */
async function asked<Value>(name: string, work: () => Promise<Value> | undefined): Promise<Value | undefined> {
  try {
    return await work();
  } catch {
    throw new PageFault("APP_REFUSED", "app.refused", { name });
  }
}
