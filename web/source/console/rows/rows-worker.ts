import { type Foreseen, foresee, type Supposed } from "../../../../src/verification/overlap/foresee.ts";
import { type Prepared, prepareTasks, type Survey, Surveyor } from "./survey.ts";
import type { TableHead, TableRow } from "./table.ts";
import type { Mapping } from "./tasks.ts";

/** What the page asks of the thread that reads files and plays forecasts. Each request has a number of its own. */
export type Asked =
  | { readonly ask: "survey"; readonly id: number; readonly file: File }
  | { readonly ask: "rows"; readonly id: number; readonly from: number; readonly to: number }
  | { readonly ask: "prepare"; readonly id: number; readonly mapping: Mapping; readonly sampleSize: number }
  | { readonly ask: "foresee"; readonly id: number; readonly supposed: readonly Supposed[] };

export type Told =
  | { readonly tell: "head"; readonly id: number; readonly head: TableHead; readonly first: readonly TableRow[] }
  | { readonly tell: "progress"; readonly id: number; readonly share: number }
  | { readonly tell: "surveyed"; readonly id: number; readonly survey: Survey; readonly kept: number }
  | { readonly tell: "rows"; readonly id: number; readonly rows: readonly TableRow[] }
  | { readonly tell: "prepared"; readonly id: number; readonly prepared: Prepared }
  | { readonly tell: "foreseen"; readonly id: number; readonly foreseen: readonly Foreseen[] }
  | { readonly tell: "failed"; readonly id: number; readonly problem: string };

interface Scope {
  postMessage(told: Told): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Asked>) => void): void;
}
const scope = globalThis as unknown as Scope;

let file: File | null = null;
let surveyor = new Surveyor();

async function answer(asked: Asked): Promise<Told> {
  const { id } = asked;
  const progress = (share: number): void => scope.postMessage({ tell: "progress", id, share });
  switch (asked.ask) {
    case "survey": {
      ({ file } = asked);
      surveyor = new Surveyor();
      const head = (found: TableHead, first: readonly TableRow[]): void =>
        scope.postMessage({ tell: "head", id, head: found, first });
      const survey = await surveyor.read(asked.file, head, progress);
      return { tell: "surveyed", id, survey, kept: surveyor.kept.length };
    }
    case "rows":
      return { tell: "rows", id, rows: surveyor.kept.slice(asked.from, asked.to) };
    case "prepare": {
      if (file === null) throw new Error("no file was read");
      return { tell: "prepared", id, prepared: await prepareTasks(file, asked.mapping, asked.sampleSize, progress) };
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
