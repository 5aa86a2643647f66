import type { Page } from "playwright-core";
import { signerFromSeed } from "../../src/client/keys.ts";
import { toBase58 } from "../../src/core/bytes.ts";

const pkcs8Prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/**
 * A wallet as a browser's extension has one: registered by the Wallet Standard's events before the page's own code runs. It
 * agrees to everything, and `window.testWallet.signed` has the texts that it signed since the page was loaded.
 *
 * @returns its address
 */
export async function useTestWallet(page: Page): Promise<string> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const { publicKey } = await signerFromSeed(seed);
  const address = toBase58(publicKey);
  await page.addInitScript(registerWallet, { der: [...pkcs8Prefix, ...seed], key: [...publicKey], address });
  return address;
}

interface Given {
  readonly der: readonly number[];
  readonly key: readonly number[];
  readonly address: string;
}

/** Runs in the page: it knows nothing of what stands around it here. */
function registerWallet({ der, key, address }: Given): void {
  const signed: string[] = [];
  const account = {
    address,
    publicKey: new Uint8Array(key),
    chains: ["solana:mainnet"],
    features: ["solana:signMessage"],
  };
  const signing = globalThis.crypto.subtle?.importKey("pkcs8", new Uint8Array(der), "Ed25519", false, ["sign"]);
  const wallet = {
    version: "1.0.0",
    name: "Test Wallet",
    icon: "data:image/png;base64,",
    chains: ["solana:mainnet"],
    accounts: [] as unknown[],
    features: {
      "standard:connect": {
        version: "1.0.0",
        async connect() {
          wallet.accounts = [account];
          return { accounts: wallet.accounts };
        },
      },
      "solana:signMessage": {
        version: "1.0.0",
        async signMessage({ message }: { readonly message: Uint8Array<ArrayBuffer> }) {
          signed.push(new TextDecoder().decode(message));
          const signature = await crypto.subtle.sign("Ed25519", await signing, message);
          return [{ signedMessage: message, signature: new Uint8Array(signature) }];
        },
      },
    },
  };
  Object.assign(globalThis, { testWallet: { signed } });
  const register = (api: { register(of: unknown): void }): void => api.register(wallet);
  const page = globalThis as unknown as EventTarget;
  page.dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: register }));
  page.addEventListener("wallet-standard:app-ready", (event) =>
    register((event as CustomEvent<Parameters<typeof register>[0]>).detail),
  );
}
