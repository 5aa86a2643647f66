import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes32, fromUtf8, toHex, toUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketId } from "../core/market-id.ts";
import { decodeSigned, encodeSigned, type SignedMessage } from "../market/settlement/signed-once.ts";
import { lockFolder } from "../rails/localnet/folder-lock.ts";
import { writeDurably } from "./durable-file.ts";
import { decodeKept, encodeKept, type KeptCommit } from "./kept-commit.ts";
import { type Pins, parsePins, pinsText } from "./pins.ts";
import { decodeLane, encodeLane, type StoredLane } from "./stored-lane.ts";

/**
 * What an attestor must not lose, in a folder that one process uses at a time:
 *
 *     pins.json               what it was set up for
 *     signed                  the messages it signed that may still land
 *     commits/DIGEST.commit   a message with its signatures
 *     commits/DIGEST.leaves   its leaf file
 *     lanes/MARKET-LANE       how far a lane was replayed
 */
export class AttestorFolder {
  readonly path: string;
  readonly #unlock: () => void;

  private constructor(path: string, unlock: () => void) {
    this.path = path;
    this.#unlock = unlock;
  }

  /** @throws DATA_FOLDER_UNAVAILABLE where another process uses it, or it cannot be written */
  static async open(path: string): Promise<AttestorFolder> {
    try {
      for (const each of [path, join(path, "commits"), join(path, "lanes")]) {
        await mkdir(each, { recursive: true, mode: 0o700 });
      }
    } catch (error) {
      throw earnestError("DATA_FOLDER_UNAVAILABLE", { path, problem: (error as Error).message }, { cause: error });
    }
    const folder = new AttestorFolder(path, lockFolder(path, "attestor process"));
    await folder.#removeLeftovers();
    return folder;
  }

  close(): void {
    this.#unlock();
  }

  /** Null at the first start. @throws DATA_FOLDER_UNAVAILABLE where they cannot be read */
  async pins(): Promise<Pins | null> {
    const bytes = await contentOf(join(this.path, "pins.json"));
    if (bytes === null) return null;
    const pins = parsePins(fromUtf8(bytes));
    return pins ?? this.#unusable("pins.json is damaged", "Restore it from a backup, or use an empty folder.");
  }

  /** The record of signatures comes first: with pins and without it, a folder has lost something. */
  async storePins(pins: Pins): Promise<void> {
    if ((await contentOf(this.#signedPath)) === null) await this.storeSigned([]);
    await writeDurably(join(this.path, "pins.json"), toUtf8(pinsText(pins)));
  }

  get #signedPath(): string {
    return join(this.path, "signed");
  }

  /** @throws DATA_FOLDER_UNAVAILABLE where the record is lost or damaged: then nothing may be signed */
  async signed(): Promise<readonly SignedMessage[]> {
    const mend = "Restore it, or wait until no message signed before can land any more and use an empty folder.";
    const bytes = await contentOf(this.#signedPath);
    if (bytes === null) return this.#unusable("its record of signatures is gone", mend);
    try {
      return decodeSigned(bytes);
    } catch {
      return this.#unusable("its record of signatures is damaged", mend);
    }
  }

  storeSigned(signed: readonly SignedMessage[]): Promise<void> {
    return writeDurably(this.#signedPath, encodeSigned(signed));
  }

  /** All kept commits; a damaged one is as good as none. */
  async commits(): Promise<KeptCommit[]> {
    const names = (await readdir(join(this.path, "commits"))).filter((name) => name.endsWith(".commit"));
    const kept: KeptCommit[] = [];
    for (const name of names.toSorted()) {
      const bytes = await contentOf(join(this.path, "commits", name));
      const found = bytes === null ? null : decodeKept(bytes);
      if (found !== null) kept.push(found);
    }
    return kept;
  }

  storeCommit(digest: Bytes32, kept: KeptCommit): Promise<void> {
    return writeDurably(this.#commitPath(digest, "commit"), encodeKept(kept));
  }

  storeLeafFile(digest: Bytes32, bytes: Uint8Array): Promise<void> {
    return writeDurably(this.leafFilePath(digest), bytes);
  }

  leafFilePath(digest: Bytes32): string {
    return this.#commitPath(digest, "leaves");
  }

  /** Null where there is none. */
  leafFile(digest: Bytes32): Promise<Uint8Array | null> {
    return contentOf(this.leafFilePath(digest));
  }

  async removeCommit(digest: Bytes32): Promise<void> {
    for (const kind of ["commit", "leaves"] as const) await rm(this.#commitPath(digest, kind), { force: true });
  }

  /** Null where there is none, or none that can be read: then the lane is followed from its beginning. */
  async lane(market: MarketId, lane: number): Promise<StoredLane | null> {
    const bytes = await contentOf(this.#lanePath(market, lane));
    return bytes === null ? null : decodeLane(bytes);
  }

  storeLane(stored: StoredLane): Promise<void> {
    return writeDurably(this.#lanePath(stored.state.market, stored.state.lane), encodeLane(stored));
  }

  #lanePath(market: MarketId, lane: number): string {
    return join(this.path, "lanes", `${market}-${lane}`);
  }

  #commitPath(digest: Bytes32, kind: "commit" | "leaves"): string {
    return join(this.path, "commits", `${toHex(digest)}.${kind}`);
  }

  #unusable(problem: string, mend: string): never {
    throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: this.path, problem, mend });
  }

  async #removeLeftovers(): Promise<void> {
    for (const folder of [this.path, join(this.path, "commits"), join(this.path, "lanes")]) {
      for (const name of await readdir(folder)) {
        if (name.endsWith(".part")) await rm(join(folder, name), { force: true });
      }
    }
  }
}

async function contentOf(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
