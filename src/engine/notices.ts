import { formatAmount } from "../core/amount.ts";
import { fromHex, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import {
  countFailure,
  countOtherNoticeAddresses,
  type NoticeAddress,
  type NoticeRow,
  putKnownWork,
  putNoticeAddress,
  putTold,
  removeNoticeAddress,
  takeNoticeAddresses,
} from "../store/identity/notice-addresses.ts";
import type { EngineContext } from "./context.ts";
import type { Insight, OpenWork } from "./insight/insight.ts";
import type { Session } from "./types.ts";

/** A phone, a computer and some that were forgotten. */
const perContributorMax = 8;
/** Whoever closed the page is not to be chased. */
const triesEveryMs = 3_600_000;
const lookEveryMs = 60_000;
/** Looked at in one run: many more than that are looked at less often. */
const looksMax = 500;
const marketsMax = 60;
const atOnce = 16;
/** A message has 3,993 bytes at most (RFC 8291). */
const titleLengthMax = 200;
/** After so many failures in a row a browser is forgotten; it comes back when its page is opened. */
const failuresMax = 8;

interface Notices {
  put(session: Pick<Session, "contributor">, address: NoticeAddress): Promise<void>;
  remove(session: Pick<Session, "contributor">, endpoint: string): Promise<void>;
  /** Looks for new work for those whose turn it is, and tells them. */
  tell(): Promise<void>;
}

/** Tells contributors, whose pages are closed, of markets that have work for them and had none when we looked before. */
export function createNotices(
  { pool, clock, notices }: EngineContext,
  { openWork }: Pick<Insight, "openWork">,
): Notices {
  const tellOne = async (row: NoticeRow, open: Uint8Array): Promise<void> => {
    if (row.known === null) return await putKnownWork(pool, row, open);
    const known = marketsIn(row.known);
    // What is new to nobody needs no look at what this contributor may do.
    if ([...marketsIn(open)].every((market) => known.has(market))) return;
    if (clock() - row.triedAtMs < triesEveryMs) return;
    const { items } = await openWork(row, null, marketsMax);
    const fresh = items.find(({ market, qualifies }) => qualifies === true && !known.has(market));
    if (fresh === undefined) return await putKnownWork(pool, row, open);
    const said = await notices.send(row, textOf(fresh));
    if (said === "gone") await removeNoticeAddress(pool, row.contributor, row.endpoint);
    else if (said === "failed") await countFailure(pool, row.endpoint, clock(), failuresMax);
    else await putTold(pool, row, clock(), open);
  };

  return {
    async put({ contributor }, address) {
      if ((await countOtherNoticeAddresses(pool, contributor, address.endpoint)) >= perContributorMax) {
        throw earnestError("LIMIT_EXCEEDED", { what: "browsers of a contributor to tell", max: perContributorMax });
      }
      await putNoticeAddress(pool, contributor, address);
    },

    remove: ({ contributor }, endpoint) => removeNoticeAddress(pool, contributor, endpoint),

    async tell() {
      const now = clock();
      const rows = await takeNoticeAddresses(pool, now, now - lookEveryMs, looksMax);
      if (rows.length === 0) return;
      const { items } = await openWork(null, null, marketsMax);
      const open = fromHex(items.map(({ market }) => market).join(""));
      const left = [...rows];
      const some = async (): Promise<void> => {
        for (let row = left.pop(); row !== undefined; row = left.pop()) await tellOne(row, open);
      };
      await Promise.all(Array.from({ length: atOnce }, some));
    },
  };
}

const marketsIn = (bytes: Uint8Array): ReadonlySet<string> => new Set(toHex(bytes).match(/.{32}/g) ?? []);

/** What the page's service worker shows, in words of the market alone: it knows no language. */
const textOf = ({ spec: { title, terms }, token }: OpenWork): string =>
  JSON.stringify({ reward: formatAmount(terms.reward, token.decimals), title: title.slice(0, titleLengthMax) });
