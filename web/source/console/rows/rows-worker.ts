import { type Foreseen, foresee, type Supposed } from "../../../../src/verification/overlap/foresee.ts";
import { badRows, type Checked, checkTasks, type Prepared, prepareTasks, type Survey, Surveyor } from "./survey.ts";
import type { TableHead, TableRow } from "./table.ts";
import type { Mapping } from "./tasks.ts";

/** What the page asks of the thread that reads files and plays forecasts. Each request has a number of its own. */
export type Asked =
  | { readonly ask: "survey"; readonly id: number; readonly file: File }
  | { readonly ask: "rows"; readonly id: number; readonly from: number; readonly to: number }
  | { readonly ask: "check"; readonly id: number; readonly mapping: Mapping }
  | { readonly ask: "bad"; readonly id: number; readonly mapping: Mapping }
  | { readonly ask: "prepare"; readonly id: number; readonly mapping: Mapping; readonly sampleSize: number }
  | { readonly ask: "foresee"; readonly id: number; readonly supposed: readonly Supposed[] };

export type Told =
  | { readonly tell: "head"; readonly id: number; readonly head: TableHead; readonly first: readonly TableRow[] }
  | { readonly tell: "progress"; readonly id: number; readonly share: number }
  | { readonly tell: "surveyed"; readonly id: number; readonly survey: Survey; readonly kept: number }
  | { readonly tell: "rows"; readonly id: number; readonly rows: readonly TableRow[] }
  | { readonly tell: "checked"; readonly id: number; readonly checked: Checked }
  | { readonly tell: "bad"; readonly id: number; readonly bad: Blob }
  | { readonly tell: "prepared"; readonly id: number; readonly prepared: Prepared }
  | { readonly tell: "foreseen"; readonly id: number; readonly foreseen: readonly Foreseen[] }
  | { readonly tell: "failed"; readonly id: number; readonly problem: string };

interface Scope {
  postMessage(told: Told): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Asked>) => void): void;
}
const scope = globalThis as unknown as Scope;

let surveyor = new Surveyor();
let file: File | null = null;
/** Ends with the file. */
let reading = new AbortController();
/** Ends with the file, or with the next check: a file may be large, and a mapping changes with each letter. */
let checking = new AbortController();

function opened(): { readonly file: File; readonly signal: AbortSignal } {
  if (file === null) throw new Error("no file was read");
  return { file, signal: reading.signal };
}

async function answer(asked: Asked): Promise<Told> {
  const { id } = asked;
  const progress = (share: number): void => scope.postMessage({ tell: "progress", id, share });
  switch (asked.ask) {
    case "survey": {
      reading.abort();
      checking.abort();
      reading = new AbortController();
      ({ file } = asked);
      surveyor = new Surveyor();
      const head = (found: TableHead, first: readonly TableRow[]): void =>
        scope.postMessage({ tell: "head", id, head: found, first });
      const survey = await surveyor.read(asked.file, head, progress, reading.signal);
      return { tell: "surveyed", id, survey, kept: surveyor.kept.length };
    }
    case "rows":
      return { tell: "rows", id, rows: surveyor.kept.slice(asked.from, asked.to) };
    case "check": {
      checking.abort();
      checking = new AbortController();
      return { tell: "checked", id, checked: await checkTasks(opened().file, asked.mapping, checking.signal) };
    }
    case "bad":
      return { tell: "bad", id, bad: await badRows(opened().file, asked.mapping, opened().signal) };
    case "prepare": {
      const { file: whole, signal } = opened();
      return { tell: "prepared", id, prepared: await prepareTasks(whole, asked.mapping, asked.sampleSize, signal) };
    }
    case "foresee":
      return { tell: "foreseen", id, foreseen: asked.supposed.map(foresee) };
  }
}

scope.addEventListener("message", ({ data }) => {
  answer(data).then(
    (told) => scope.postMessage(told),
    (error: unknown) => scope.postMessage({ tell: "failed", id: data.id, problem: String(error) }),
  );
});
