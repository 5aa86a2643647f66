import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const examples = new URL("../../examples/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, examples), "utf8");

type Content = { type: "text"; label: string; text: string } | { type: "svg"; label: string; svg: string; alt: string };

interface Task {
  id: string;
  template: string;
  question: string;
  choices: { id: string; label: string }[];
  content: Content[];
  answer: string | null;
  explanation?: string;
}

interface Example {
  task: string;
  answer: string;
  why: string;
}

interface Market {
  title: string;
  kind: string;
  reward: string;
  guide: { family: string; title: string; rule: string; good: Example[]; bad: Example[] }[];
}

/** Tasks, and tasks with a known answer, per family. */
const FAMILIES: Record<string, [all: number, known: number]> = {
  drawing: [34, 18],
  follows: [32, 20],
  locate: [28, 20],
  product: [30, 18],
  reading: [34, 18],
  sentiment: [36, 22],
  summary: [32, 20],
  tone: [30, 18],
  wording: [32, 20],
};

const SVG_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"';

/** What a drawing may be made of; everything else, known to be harmful or not, is refused. */
const SVG_ATTRIBUTES: Record<string, string[]> = {
  svg: ["xmlns", "viewBox"],
  g: ["transform"],
  rect: ["x", "y", "width", "height", "rx"],
  circle: ["cx", "cy", "r"],
  ellipse: ["cx", "cy", "rx", "ry"],
  line: ["x1", "y1", "x2", "y2"],
  path: ["d"],
  polygon: ["points"],
  text: ["x", "y", "font-family", "font-size", "text-anchor"],
};
const SVG_PAINT = ["fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"];

/** Reads a drawing strictly and returns what is wrong with it. */
function svgFaults(svg: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const token = /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z0-9-]+="[^"<&]*")*)\s*(\/?)>|([^<>&]+)/gy;
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex;
    const found = token.exec(svg);
    if (!found) return [...faults, `not well-formed at ${at}: ${svg.slice(at, at + 40)}`];
    const [, closing, name, attributes = "", empty, text] = found;
    if (text !== undefined) {
      if (open.at(-1) !== "text") faults.push(`text outside <text>: ${text}`);
      continue;
    }
    if (name === undefined) continue;
    if (closing) {
      if (open.pop() !== name) faults.push(`</${name}> closes nothing`);
      continue;
    }
    if ((open.length === 0) !== (at === 0) || (at === 0) !== (name === "svg")) faults.push(`misplaced <${name}>`);
    const allowed = SVG_ATTRIBUTES[name];
    if (!allowed) faults.push(`element <${name}>`);
    const seen = new Set<string>();
    for (const [, attribute = "", value = ""] of attributes.matchAll(/([A-Za-z0-9-]+)="([^"]*)"/g)) {
      if (!allowed?.includes(attribute) && !SVG_PAINT.includes(attribute)) faults.push(`${name} ${attribute}`);
      if (seen.has(attribute)) faults.push(`${name} ${attribute} twice`);
      seen.add(attribute);
      if (attribute !== "xmlns" && /:|url\(|NaN|undefined|Infinity/i.test(value))
        faults.push(`${attribute}="${value}"`);
    }
    if (!empty) open.push(name);
  }
  return open.length > 0 ? [...faults, `unclosed ${open.join(" ")}`] : faults;
}

const lines = read("judge/tasks.jsonl").trimEnd().split("\n");
const tasks = lines.map((line) => JSON.parse(line) as Task);
const known = tasks.filter((task) => task.answer !== null);
const family = (task: Task): string => task.id.slice(0, task.id.indexOf("-"));
const drawings = tasks.flatMap((task) => task.content.flatMap((item) => (item.type === "svg" ? [{ task, item }] : [])));

/** What a person must read for one choice: its label and the text that carries the same label. */
function length(task: Task, choice: Task["choices"][number]): number {
  const own = task.content.find((item) => item.type === "text" && item.label === choice.label);
  return choice.label.length + (own?.type === "text" ? own.text.length : 0);
}

/** Of the tasks with one choice that stands out, the share in which that choice is the answer. */
function giveaway(list: Task[], pick: (...lengths: number[]) => number): { of: number; share: number } {
  let of = 0;
  let hits = 0;
  for (const task of list) {
    const lengths = task.choices.map((choice) => length(task, choice));
    const extreme = pick(...lengths);
    if (lengths.filter((each) => each === extreme).length !== 1) continue;
    of += 1;
    if (task.choices[lengths.indexOf(extreme)]?.id === task.answer) hits += 1;
  }
  return { of, share: of === 0 ? 0 : hits / of };
}

describe("examples/judge", () => {
  it("has well-formed tasks", () => {
    for (const task of tasks) {
      const fields = ["id", "template", "question", "choices", "content", "answer"];
      if (task.answer !== null) fields.push("explanation");
      expect(Object.keys(task), task.id).toEqual(fields);
      expect(task.id).toMatch(/^[a-z]+-\d\d$/);
      expect(task.template).toBe("choice");
      expect(task.question, task.id).toMatch(/^[A-Z].{10,110}\?$/);
      expect(task.choices.length, task.id).toBeGreaterThanOrEqual(2);
      expect(task.choices.map((choice) => choice.id).join(""), task.id).toBe("abcd".slice(0, task.choices.length));
      expect(new Set(task.choices.map((choice) => choice.label)).size, task.id).toBe(task.choices.length);
      for (const { label } of task.choices) expect(label, task.id).toMatch(/^\S.{0,38}$/);
      expect(task.content.length, task.id).toBeGreaterThanOrEqual(1);
      expect(new Set(task.content.map((item) => item.label)).size, task.id).toBe(task.content.length);
      if (task.answer !== null) {
        expect(
          task.choices.map((choice) => choice.id),
          task.id,
        ).toContain(task.answer);
        expect(task.explanation, task.id).toMatch(/^.{10,140}\.$/);
      }
    }
  });

  it("can be read on a phone in 20 seconds", () => {
    for (const task of tasks) {
      const texts = task.content.flatMap((item) => (item.type === "text" ? [item.text] : []));
      expect(texts.join(" ").length, task.id).toBeLessThanOrEqual(480);
      for (const text of texts) expect(text, task.id).toMatch(/^[^\s<>][^<>\n]*$/);
    }
  });

  it("has unique ids and the families the README names", () => {
    expect(new Set(tasks.map((task) => task.id)).size).toBe(tasks.length);
    const count = (list: Task[], name: string): number => list.filter((task) => family(task) === name).length;
    const names = [...new Set(tasks.map(family))];
    expect(Object.fromEntries(names.map((name) => [name, [count(tasks, name), count(known, name)]]))).toEqual(FAMILIES);
    const readme = read("judge/README.md");
    for (const [name, [all, sure]] of Object.entries(FAMILIES)) {
      expect(readme, name).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| ${all} \\| ${sure} \\| ${all - sure} \\|`));
    }
    expect(readme).toContain(`| **${tasks.length}** | **${known.length}** | **${tasks.length - known.length}** |`);
  });

  it("mixes families and known answers", () => {
    expect(tasks.length).toBeGreaterThanOrEqual(240);
    expect(known.length / tasks.length).toBeGreaterThan(0.55);
    expect(known.length / tasks.length).toBeLessThan(0.65);
    const order = tasks.map(family);
    expect(order.filter((name, i) => name === order[i - 1])).toEqual([]);
    for (let i = 0; i + 30 <= tasks.length; i += 30) {
      const stretch = tasks.slice(i, i + 30);
      expect(new Set(stretch.map(family)).size).toBeGreaterThanOrEqual(8);
      const sure = stretch.filter((task) => task.answer !== null).length;
      expect(sure).toBeGreaterThanOrEqual(9);
      expect(sure).toBeLessThanOrEqual(27);
    }
  });

  it("rewards no constant answer", () => {
    for (const id of ["a", "b", "c", "d"]) {
      const hits = known.filter((task) => task.answer === id).length;
      expect(hits / known.length, id).toBeLessThanOrEqual(0.5);
    }
    for (const name of Object.keys(FAMILIES)) {
      const list = known.filter((task) => family(task) === name);
      for (const id of ["a", "b"]) {
        const share = list.filter((task) => task.answer === id).length / list.length;
        expect(share, `${name} ${id}`).toBeLessThanOrEqual(0.55);
        expect(share, `${name} ${id}`).toBeGreaterThanOrEqual(0.2);
      }
    }
  });

  it("does not give answers away by their length", () => {
    for (const pick of [Math.max, Math.min]) {
      const all = giveaway(known, pick);
      expect(all.of).toBeGreaterThan(50);
      expect(all.share).toBeLessThanOrEqual(0.6);
    }
    for (const name of ["summary", "wording", "follows", "tone"]) {
      const list = known.filter((task) => family(task) === name);
      expect(giveaway(list, Math.max).share, name).toBeLessThanOrEqual(0.6);
    }
  });

  it("repeats no text, drawing or explanation", () => {
    const seen = new Map<string, string>();
    for (const task of tasks) {
      const parts = task.content.flatMap((item) => (item.type === "svg" ? [item.svg, item.alt] : [item.text]));
      if (task.explanation) parts.push(task.explanation);
      for (const part of parts) {
        const key = part.toLowerCase().replace(/\s+/g, " ").trim();
        if (seen.has(key)) expect.fail(`${task.id} repeats ${seen.get(key)}: ${key.slice(0, 80)}`);
        seen.set(key, task.id);
      }
    }
  });

  it("has drawings that are safe, small and described", () => {
    expect(drawings.length).toBe(102);
    for (const { task, item } of drawings) {
      expect(svgFaults(item.svg), task.id).toEqual([]);
      expect(item.svg, task.id).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"><rect /);
      expect(Buffer.byteLength(item.svg), task.id).toBeLessThan(8192);
      expect(item.alt, task.id).toMatch(/^[A-Z][^<>]{30,330}\.$/);
    }
  });

  it("notices a harmful or broken drawing", () => {
    const wrap = (inner: string): string => `<svg ${SVG_NAMESPACE} viewBox="0 0 9 9">${inner}</svg>`;
    expect(svgFaults(wrap('<circle cx="1" cy="1" r="1" fill="none"/>'))).toEqual([]);
    for (const inner of [
      "<script>1</script>",
      '<rect onclick="x()" x="0"/>',
      "<foreignObject/>",
      '<image href="x.png"/>',
      '<use href="#a"/>',
      '<rect fill="url(#a)"/>',
      '<rect style="fill:red"/>',
      '<g><rect x="0"/>',
      "<rect x=0/>",
      '<rect x="NaN"/>',
      "<!-- -->",
      "&lt;",
      "words",
    ]) {
      expect(svgFaults(wrap(inner)), inner).not.toEqual([]);
    }
  });

  it("has a market description with a guide for every family", () => {
    const market = JSON.parse(read("judge/market.json")) as Market;
    expect(market).toMatchObject({ kind: "judge", reward: "0.02" });
    expect(market.guide.map((entry) => entry.family).sort()).toEqual(Object.keys(FAMILIES));
    const texts = new Set(tasks.flatMap((task) => task.content.map((item) => (item.type === "text" ? item.text : ""))));
    for (const { family: name, rule, good, bad } of market.guide) {
      expect(rule.length, name).toBeGreaterThan(20);
      expect([good.length, bad.length], name).toEqual([2, 2]);
      for (const example of [...good, ...bad]) {
        expect(Object.keys(example), name).toEqual(["task", "answer", "why"]);
        expect(texts, name).not.toContain(example.task);
      }
    }
  });
});

describe("examples/rte", () => {
  const rows = (path: string): string[][] =>
    read(path)
      .trimEnd()
      .split(/\r?\n/)
      .map((line) => line.split(","));
  const [answersHead, ...answers] = rows("rte/answers.csv");
  const [truthHead, ...truth] = rows("rte/truth.csv");

  it("is the whole recording", () => {
    expect(answersHead).toEqual(["task", "worker", "label"]);
    expect(truthHead).toEqual(["task", "label"]);
    expect(answers.length).toBe(8000);
    expect(truth.length).toBe(800);
    expect(new Set(answers.map(([task]) => task)).size).toBe(800);
    expect(new Set(answers.map(([, contributor]) => contributor)).size).toBe(164);
    expect(new Set(answers.map(([task, contributor]) => `${task} ${contributor}`)).size).toBe(8000);
    expect(new Set(truth.map(([task]) => task))).toEqual(new Set(answers.map(([task]) => task)));
    const perTask = new Map<string | undefined, number>();
    for (const [task] of answers) perTask.set(task, (perTask.get(task) ?? 0) + 1);
    expect(new Set(perTask.values())).toEqual(new Set([10]));
    expect(truth.filter(([, label]) => label === "1").length).toBe(400);
    for (const row of [...answers, ...truth]) expect(row.at(-1)).toMatch(/^[01]$/);
  });

  it("carries its licence", () => {
    expect(read("rte/LICENSE")).toContain("Copyright (c) 2019 Yuan Li");
    expect(read("rte/LICENSE")).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
    for (const name of ["Snow", "Zhang", "yuan-li/truth-inference-at-scale", "MIT licence"]) {
      expect(read("rte/README.md")).toContain(name);
    }
  });
});

describe("both folders", () => {
  it("hold no addresses, secrets or machine paths", () => {
    for (const path of ["judge/tasks.jsonl", "judge/market.json", "judge/README.md", "rte/README.md", "rte/LICENSE"]) {
      const text = read(path).replaceAll('xmlns=\\"http://www.w3.org/2000/svg\\"', "");
      expect(text, path).not.toMatch(/[a-z]+:\/\/|www\.|[\w.]+@[\w-]+\.\w|\/(home|root|tmp|work)\//i);
      expect(text, path).not.toMatch(/PRIVATE KEY|earnest_(test|live)_|\b[A-Za-z0-9+/]{44,}\b|\b[0-9a-f]{32,}\b/);
    }
  });
});
