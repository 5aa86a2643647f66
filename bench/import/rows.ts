export const formats = ["csv", "jsonl"] as const;
export type Format = (typeof formats)[number];

export const typeOf: Record<Format, string> = { csv: "text/csv", jsonl: "application/x-ndjson" };

export const contentOf = (i: number): string => `https://images.example/${i.toString().padStart(8, "0")}.jpg`;
const lineOf: Record<Format, (i: number) => string> = {
  csv: (i) => `t${i},${contentOf(i)},Is there a crossing?\n`,
  jsonl: (i) => `{"id":"t${i}","content":{"image":"${contentOf(i)}","question":"Is there a crossing?"}}\n`,
};
const headOf: Record<Format, string> = { csv: "id,image,question\n", jsonl: "" };
const linesPerChunk = 500;

export function* bodyOf(format: Format, rows: number): Generator<string> {
  yield headOf[format];
  for (let i = 0; i < rows; i += linesPerChunk) {
    yield Array.from({ length: Math.min(linesPerChunk, rows - i) }, (_, k) => lineOf[format](i + k)).join("");
  }
}
