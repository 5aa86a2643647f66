import { amount } from "#src/core/amount";
import type { Account, Books } from "#src/ledger/books";
import type { SimulatedRail } from "../chain/rail.ts";
import { substitute } from "../link/seam.ts";
import type { Asking } from "../model/asking.ts";
import { laneKey } from "../model/keys.ts";
import { change } from "../model/lanes.ts";
import { everyNth, type Mutation, nothing } from "./mutation.ts";

const transfer = "ledger/books#transfer";
type Transfer = (books: Books, from: Account, to: Account, value: bigint) => void;

export const droppedHold: Mutation = {
  name: "dropped-hold",
  what: "A slot is given out without setting its reward aside; what it costs comes out of what is free later.",
  plant: () => {
    substitute(transfer, (original, [books, from, to, value]) => {
      const move = original as unknown as Transfer;
      if (to === "assigned") return;
      move(books as Books, from === "assigned" ? "free" : (from as Account), to as Account, value as bigint);
    });
  },
};

export const doubleRelease: Mutation = {
  name: "double-release",
  what: "What was held for an answer that is not paid goes back twice, out of what is held for others.",
  plant: () => {
    substitute(transfer, (original, [books, from, to, value]) => {
      const move = original as unknown as Transfer;
      const isRelease = to === "free" && (from === "assigned" || from === "held" || from === "appealable");
      const isTwice = isRelease && (books as Books)[from as Account] >= 2n * (value as bigint);
      move(books as Books, from as Account, to as Account, amount((isTwice ? 2n : 1n) * (value as bigint)));
    });
  },
};

export const lostCut: Mutation = {
  name: "lost-cut",
  what: "A lane is marked as cut, and what its people have there is not written.",
  plant: () => {
    const isNow = everyNth(3);
    substitute("store/settlement/cut-lane#cutLane", (original, [on, market, lane, epoch]) => {
      const cut = original as unknown as (...asked: unknown[]) => Promise<void>;
      if (!isNow()) return cut(on, market, lane, epoch);
      return (on as Asking).ask((transaction) => {
        const key = laneKey(market as Uint8Array, lane as number);
        const cutSequence = transaction.get(transaction.database.tables.lanes, key)?.sequence ?? 0;
        return change(transaction, market as Uint8Array, lane as number, { cutSequence });
      });
    });
  },
};

export const earlyClaim: Mutation = {
  name: "early-claim",
  what: "A claim is noted as paid when its transaction is sent.",
  plant: nothing,
  parts: {
    rail: (rail: SimulatedRail) => {
      const pay = rail.payClaims.bind(rail);
      rail.payClaims = (source, wishes, creation) => {
        pay(source, wishes, creation).catch(nothing);
        const paid = wishes.map(({ index }) => index);
        return Promise.resolve({ paid, waiting: [], failures: [], transactions: paid.length });
      };
    },
  },
};
