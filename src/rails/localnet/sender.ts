import {
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { toUtf8 } from "../../core/bytes.ts";
import { memoProgram } from "./accounts.ts";
import type { Chain, Committed, Submission } from "./chain.ts";
import { readTransaction, type WireTransaction } from "./wire-transaction.ts";

/** Submits, waits until the result is on disk, then tells whoever subscribed. */
export class Sender {
  readonly #chain: Chain;
  readonly #listeners = new Set<(committed: Committed) => void>();
  #airdrops = 0;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  listen(listener: (committed: Committed) => void): void {
    this.#listeners.add(listener);
  }

  async send(transaction: WireTransaction, strict: boolean): Promise<Submission> {
    const submission = this.#chain.submit(transaction, strict);
    await this.#chain.durable();
    if (submission.kind === "executed") for (const listener of this.#listeners) listener(submission.committed);
    return submission;
  }

  /** A transfer from the faucet. The memo tells two equal airdrops in one slot apart. */
  async airdrop(destination: string, lamports: bigint): Promise<Submission> {
    const { faucet } = this.#chain.genesis;
    const { slot } = this.#chain.now();
    const memo = toUtf8(`airdrop ${this.#chain.transactions}.${this.#airdrops++}`);
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(faucet, m),
      (m) =>
        setTransactionMessageLifetimeUsingBlockhash(
          { blockhash: this.#chain.blockhash(slot) as Blockhash, lastValidBlockHeight: BigInt(slot) },
          m,
        ),
      (m) =>
        appendTransactionMessageInstructions(
          [
            getTransferSolInstruction({ source: faucet, destination: destination as Address, amount: lamports }),
            { programAddress: memoProgram as Address, data: memo },
          ],
          m,
        ),
    );
    const wire = getTransactionEncoder().encode(await signTransactionMessageWithSigners(message));
    return this.send(readTransaction(new Uint8Array(wire)), true);
  }
}
