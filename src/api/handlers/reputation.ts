import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readKey, writeBytes, writeKey } from "../values.ts";

type Ids = "listRequesters" | "getReputation" | "getSponsorship" | "listPlaces";

export function reputationHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    listRequesters: async () => ({
      items: (await engine.requesters()).map(({ owner, ...row }) => ({ ...row, owner: writeKey(owner) })),
    }),
    getReputation: async ({ params }) => {
      const { reputation, signature } = await engine.reputation(readKey(params.contributor));
      const { signer } = await engine.network();
      return { reputation, signer: writeKey(signer), signature: writeBytes(signature) };
    },
    getSponsorship: async () => {
      const { lamports, lamportsMax, ...counts } = await engine.sponsorship();
      return { lamports: `${lamports}`, lamportsMax: `${lamportsMax}`, ...counts };
    },
    listPlaces: async () => ({ items: [...(await engine.placesOfWork())] }),
  };
}
