import { equalBytes } from "../../core/bytes.ts";
import { type AccountFormat, accountFormat, accountJson } from "./account-json.ts";
import { isMint, isTokenAccount, readU64, type StoredAccount, tokenAccountView, tokenDelegate } from "./accounts.ts";
import type { Chain } from "./chain.ts";
import { uiAmount } from "./meta.ts";
import { type Methods, withContext } from "./methods.ts";
import { Config, checkedAddress, decodeText, isObject, requireContextSlot } from "./params.ts";
import { invalidParams } from "./rpc-error.ts";
import type { WireJson } from "./wire-json.ts";

const accountsMax = 100;
const filtersMax = 4;
const largestShown = 20;

export const accountMethods: Methods = {
  getBalance: ({ chain }, params) => {
    requireContextSlot(params.config(1), chain.now().slot);
    return withContext(chain, chain.account(params.address(0))?.lamports ?? 0n);
  },

  getAccountInfo: ({ chain }, params) => {
    const config = params.config(1);
    requireContextSlot(config, chain.now().slot);
    return withContext(chain, shown(chain, params.address(0), accountFormat(config)));
  },

  getMultipleAccounts: ({ chain }, params) => {
    const config = params.config(1);
    requireContextSlot(config, chain.now().slot);
    const format = accountFormat(config, "base64");
    const addresses = params.list(0, "addresses", accountsMax).map(checkedAddress);
    return withContext(
      chain,
      addresses.map((address) => shown(chain, address, format)),
    );
  },

  getProgramAccounts: ({ chain }, params) => {
    const program = params.address(0);
    const config = params.config(1);
    const filters = readFilters(config);
    const format = accountFormat(config);
    const found: WireJson[] = [];
    for (const [address, account] of chain.accounts()) {
      if (account.owner !== program || !filters.every((matches) => matches(account))) continue;
      found.push({ pubkey: address, account: shownAs(chain, address, account, format) });
    }
    return config.flag("withContext") ? withContext(chain, found) : found;
  },

  getTokenAccountBalance: ({ chain }, params) => {
    const account = chain.account(params.address(0));
    if (account === null) throw invalidParams("could not find account");
    if (!isTokenAccount(account)) throw invalidParams("not a Token account");
    const { amount, mint } = tokenAccountView(account);
    return withContext(chain, uiAmount(amount, chain.decimalsOf(mint)));
  },

  getTokenSupply: ({ chain }, params) => {
    const mint = chain.account(params.address(0));
    if (mint === null) throw invalidParams("could not find account");
    if (!isMint(mint)) throw invalidParams("not a Token mint");
    return withContext(chain, uiAmount(readU64(mint.data, 36), mint.data[44] ?? 0));
  },

  getTokenAccountsByOwner: ({ chain }, params) => {
    const owner = params.address(0);
    const isWanted = tokenFilter(params.config(1));
    const config = params.config(2);
    requireContextSlot(config, chain.now().slot);
    const format = accountFormat(config);
    const found = [...chain.tokenAccountsOf(owner)].flatMap((address) => {
      const account = chain.account(address) as StoredAccount;
      return isWanted(account) ? { pubkey: address, account: shownAs(chain, address, account, format) } : [];
    });
    return withContext(chain, found);
  },

  getTokenAccountsByDelegate: ({ chain }, params) => {
    const delegate = params.address(0);
    const isWanted = tokenFilter(params.config(1));
    const config = params.config(2);
    requireContextSlot(config, chain.now().slot);
    const format = accountFormat(config);
    const found = [...chain.accounts()].filter(
      ([, account]) => isTokenAccount(account) && isWanted(account) && tokenDelegate(account) === delegate,
    );
    return withContext(
      chain,
      found.map(([pubkey, account]) => ({ pubkey, account: shownAs(chain, pubkey, account, format) })),
    );
  },

  getLargestAccounts: ({ chain }, params) => {
    const isNone = params.config(0).oneOf("filter", ["circulating", "nonCirculating"]) === "nonCirculating";
    const largest = [...chain.accounts()].sort(([, a], [, b]) => (a.lamports < b.lamports ? 1 : -1));
    return withContext(
      chain,
      isNone ? [] : largest.slice(0, largestShown).map(([address, { lamports }]) => ({ address, lamports })),
    );
  },

  getTokenLargestAccounts: ({ chain }, params) => {
    const mint = params.address(0);
    const decimals = chain.decimalsOf(mint);
    const holders = [...chain.accounts()]
      .filter(([, account]) => isTokenAccount(account) && tokenAccountView(account).mint === mint)
      .map(([address, account]) => ({ address, amount: tokenAccountView(account).amount }))
      .sort((a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1));
    return withContext(
      chain,
      holders.slice(0, largestShown).map(({ address, amount }) => ({
        address,
        ...(uiAmount(amount, decimals) as { readonly [key: string]: WireJson }),
      })),
    );
  },

  getSupply: ({ chain }) => {
    let total = 0n;
    for (const [, account] of chain.accounts()) total += account.lamports;
    return withContext(chain, { total, circulating: total, nonCirculating: 0, nonCirculatingAccounts: [] });
  },
};

function shown(chain: Chain, address: string, format: AccountFormat): WireJson {
  const account = chain.account(address);
  return account === null ? null : shownAs(chain, address, account, format);
}

const shownAs = (chain: Chain, address: string, account: StoredAccount, format: AccountFormat): WireJson =>
  accountJson(account, format, (mint) => chain.decimalsOf(mint), address);

/** Of one mint, or of one token program. */
function tokenFilter(wanted: Config): (account: StoredAccount) => boolean {
  const [mint, program] = [wanted.address("mint"), wanted.address("programId")];
  if ((mint === null) === (program === null)) throw invalidParams("either mint or programId is needed");
  return (account) => (mint === null ? account.owner === program : tokenAccountView(account).mint === mint);
}

type Filter = (account: StoredAccount) => boolean;

function readFilters(config: Config): Filter[] {
  const filters = config.list("filters");
  if (filters.length > filtersMax) throw invalidParams(`Too many filters provided; max ${filtersMax}`);
  return filters.map((filter) => {
    if (filter === "tokenAccountState") return isTokenAccount;
    if (!isObject(filter)) throw invalidParams("a filter must be an object");
    const read = new Config(filter);
    const size = read.u64("dataSize");
    if (size !== null) return (account) => BigInt(account.data.length) === size;
    const memcmp = read.object("memcmp");
    if (memcmp !== null) return memcmpFilter(memcmp);
    throw invalidParams("a filter is dataSize, memcmp or tokenAccountState");
  });
}

function memcmpFilter(memcmp: Config): Filter {
  const offset = memcmp.integer("offset", Number.MAX_SAFE_INTEGER) ?? 0;
  const text = memcmp.get("bytes");
  if (typeof text !== "string") throw invalidParams("memcmp.bytes must be a string");
  const bytes = decodeText(text, memcmp.oneOf("encoding", ["base58", "base64"]) ?? "base58");
  return (account) => equalBytes(account.data.subarray(offset, offset + bytes.length), bytes);
}
