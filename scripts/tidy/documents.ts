import { dirname, join } from "node:path/posix";
import type { Finding, Repository, Rule, SourceFile } from "./repository.ts";

const isDocument = (file: SourceFile): boolean => file.path.endsWith(".md");

/** `npm run NAME`, and the scripts that npm runs by their bare name. */
const command = /\bnpm (?:run ([\w:-]+)|(start|test)\b)/g;

export const commands: Rule = {
  name: "commands",
  *check(repository) {
    const scripts = repository.json("package.json")["scripts"] ?? {};
    const instead = `one of: ${Object.keys(scripts).join(", ")}`;
    for (const file of repository.files.filter(isDocument)) {
      for (const [i, line] of file.lines.entries()) {
        for (const match of line.matchAll(command)) {
          const name = match[1] ?? match[2] ?? "";
          if (!Object.hasOwn(scripts, name)) yield file.finding(i + 1, `no script "${name}" in package.json`, instead);
        }
      }
    }
  },
};

const link = /(?<!!?\\)\[[^\]]*\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g;

export const links: Rule = {
  name: "links",
  *check(repository) {
    for (const file of repository.files.filter(isDocument)) {
      for (const { target, line } of linksOf(file)) {
        if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
        const finding = broken(repository, file, target, line);
        if (finding !== undefined) yield finding;
      }
    }
  },
};

/** Links outside code blocks. */
function linksOf(file: SourceFile): { target: string; line: number }[] {
  let inCode = false;
  return file.lines.flatMap((line, i) => {
    if (/^\s*(?:```|~~~)/.test(line)) inCode = !inCode;
    if (inCode) return [];
    const prose = line.replace(/`[^`]*`/g, "");
    return [...prose.matchAll(link)].map((match) => ({ target: match[1] ?? "", line: i + 1 }));
  });
}

function broken(repository: Repository, file: SourceFile, target: string, line: number): Finding | undefined {
  const [path = "", anchor] = target.split("#");
  const to = path === "" ? file.path : join(dirname(file.path), decodeURIComponent(path)).replace(/\/$/, "");
  if (to !== "." && !repository.has(to))
    return file.finding(line, `a link to ${to}, which is not there`, "mend the link");
  const document = repository.file(to);
  if (anchor === undefined || document === undefined || !isDocument(document)) return undefined;
  const headings = headingsOf(document);
  if (headings.includes(anchor)) return undefined;
  return file.finding(line, `a link to #${anchor}, which ${to} does not have`, `one of: ${headings.join(", ")}`);
}

/** Headings as GitHub names them in links. */
const headingsOf = (file: SourceFile): string[] =>
  file.lines
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, "")
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    );
