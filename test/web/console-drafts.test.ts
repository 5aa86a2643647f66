import { describe, expect, it } from "vitest";
import { marketOf as specificationOf } from "../../src/api/market-spec.ts";
import { moneyOf } from "../../src/api/values.ts";
import { newMarket } from "../../src/contract/markets.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import { parseSpec, specToJson } from "../../src/market/spec.ts";
import { answerTypes, emptyDraft, marketOf, missingIn, presetNames } from "../../web/source/console/create/draft.ts";
import { requesterKey } from "../support/market.ts";

const decimals = 6;
const amounts = { newcomerBudget: "1", tasks: 200, controls: 20, refundTo: toBase58(requesterKey), mint: undefined };

describe("a market as it is described on the page", () => {
  it.each(answerTypes.flatMap((type) => presetNames.map((preset) => [type, preset] as const)))(
    "with answers that are %s, %s, is one that the server takes",
    (type, preset) => {
      const draft = {
        ...emptyDraft,
        type,
        preset,
        question: "What is it?",
        names: "a\nb\nc",
        roles: ["show"] as const,
      };
      expect(missingIn(draft, decimals)).toBeNull();
      const wanted = newMarket.parse(marketOf(draft, amounts));
      const { spec } = specificationOf(moneyOf(decimals), 200, requesterKey, wanted);
      expect(parseSpec(specToJson(spec))).toEqual(spec);
    },
  );
});
