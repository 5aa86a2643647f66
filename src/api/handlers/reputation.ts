import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readCount, readKey, writeBytes, writeKey } from "../values.ts";

type Ids = "listRequesters" | "getReputation" | "getSponsorship" | "listPlaces";

export function reputationHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    listRequesters: async ({ query }) => {
      const { items, next } = await engine.requesters(query.after ?? null, readCount(query.limit, 100));
      return { items: items.map(({ owner, ...row }) => ({ ...row, owner: writeKey(owner) })), next };
    },
    getReputation: async ({ params }) => {
      const { reputation, signature } = await engine.reputation(readKey(params.contributor));
      const { signer } = await engine.network();
      return { reputation, signer: writeKey(signer), signature: writeBytes(signature) };
    },
    getSponsorship: async () => {
      const { lamports, lamportsMax, ...counts } = await engine.sponsorship();
      return { lamports: `${lamports}`, lamportsMax: `${lamportsMax}`, ...counts };
    },
    listPlaces: async ({ query }) => {
      const { items, resolution, next } = await engine.placesOfWork(query.after ?? null, readCount(query.limit, 100));
      return { items: [...items], resolution, next };
    },
  };
}
