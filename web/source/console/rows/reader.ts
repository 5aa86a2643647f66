import type { Foreseen, Supposed } from "../../../../src/verification/overlap/foresee.ts";
import { PageFault } from "../../fault.ts";
import type { Asked, Told } from "./rows-worker.ts";
import type { Checked, Prepared, Survey } from "./survey.ts";
import type { TableHead, TableRow } from "./table.ts";
import type { Mapping } from "./tasks.ts";

interface Waiting {
  readonly told: (told: Told) => void;
  readonly failed: (error: Error) => void;
}

type Request = Asked extends infer Each ? (Each extends Asked ? Omit<Each, "id"> : never) : never;

/** The thread that reads files and plays forecasts, so that the page never waits for either. */
export class Reader {
  readonly #worker = new Worker(new URL("./rows-worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Told>) => this.#waiting.get(data.id)?.told(data));
    this.#worker.addEventListener("error", () => {
      for (const { failed } of this.#waiting.values()) failed(new PageFault("READER_FAILED", "create.readerFailed"));
    });
  }

  close(): void {
    this.#worker.terminate();
  }

  async survey(
    file: File,
    onHead: (head: TableHead, first: readonly TableRow[]) => void,
    onProgress: (share: number) => void,
  ): Promise<{ readonly survey: Survey; readonly kept: number }> {
    return await this.#ask({ ask: "survey", file }, (told) => {
      if (told.tell === "head") onHead(told.head, told.first);
      if (told.tell === "progress") onProgress(told.share);
      return told.tell === "surveyed" ? told : null;
    });
  }

  async rows(from: number, to: number): Promise<readonly TableRow[]> {
    return await this.#ask({ ask: "rows", from, to }, (told) => (told.tell === "rows" ? told.rows : null));
  }

  /** What the rows become. A check that another follows is given up. */
  async check(mapping: Mapping): Promise<Checked> {
    return await this.#ask({ ask: "check", mapping }, (told) => (told.tell === "checked" ? told.checked : null));
  }

  async prepare(mapping: Mapping, sampleSize: number): Promise<Prepared> {
    return await this.#ask({ ask: "prepare", mapping, sampleSize }, (told) =>
      told.tell === "prepared" ? told.prepared : null,
    );
  }

  /** The rows that are left out, as a CSV. */
  async badRows(mapping: Mapping): Promise<Blob> {
    return await this.#ask({ ask: "bad", mapping }, (told) => (told.tell === "bad" ? told.bad : null));
  }

  async foresee(supposed: readonly Supposed[]): Promise<readonly Foreseen[]> {
    return await this.#ask({ ask: "foresee", supposed }, (told) => (told.tell === "foreseen" ? told.foreseen : null));
  }

  #ask<Value>(request: Request, read: (told: Told) => Value | null): Promise<Value> {
    const id = ++this.#last;
    return new Promise<Value>((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#waiting.delete(id);
        finish();
      };
      const told = (each: Told): void => {
        if (each.tell === "failed") {
          end(() => reject(new PageFault("FILE_UNREADABLE", "create.unreadable", { problem: each.problem })));
        } else {
          const value = read(each);
          if (value !== null) end(() => resolve(value));
        }
      };
      this.#waiting.set(id, { told, failed: (error) => end(() => reject(error)) });
      this.#worker.postMessage({ ...request, id });
    });
  }
}
