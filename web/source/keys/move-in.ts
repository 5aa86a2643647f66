import { emptyAll, emptyWork } from "../database.ts";
import { PageFault } from "../fault.ts";
import { outbox, sendNow } from "../work/outbox.ts";
import { type KeptWallet, keep } from "./wallet.ts";

/** Another contributor from now on: with a page that begins anew, as nothing of the one before may be left in it. */
export async function moveIn(kept: KeptWallet): Promise<void> {
  await allSent();
  await emptyWork();
  await keep(kept);
  location.assign("/wallet");
}

/** This browser knows nobody any more. */
export async function moveOut(): Promise<void> {
  await allSent();
  await emptyAll();
  localStorage.clear();
  location.assign("/");
}

/** Answers that are not sent yet can be sent by the key that is here only. */
async function allSent(): Promise<void> {
  await sendNow();
  if (outbox.value.some(({ refused }) => refused === null)) throw new PageFault("ANSWERS_UNSENT", "restore.unsent");
}
