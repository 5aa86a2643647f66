/** The blocks of a text in Markdown: as much of it as a guide needs. */
export type Block =
  | { readonly type: "heading" | "paragraph"; readonly text: string }
  | { readonly type: "list"; readonly isOrdered: boolean; readonly items: readonly string[] }
  | { readonly type: "code"; readonly text: string };

const bullet = /^\s*(?:[-*+]|(\d+)[.)])\s+/;

export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  const fenced = source.split(/^```.*$/m);
  for (const [i, stretch] of fenced.entries()) {
    if (i % 2 === 1) blocks.push({ type: "code", text: stretch.trim() });
    else for (const each of stretch.split(/\n\s*\n/)) blocks.push(...proseBlocks(each.trim()));
  }
  return blocks;
}

function proseBlocks(text: string): Block[] {
  if (text === "") return [];
  const lines = text.split("\n");
  const [first = ""] = lines;
  if (/^#{1,6}\s/.test(first)) {
    return [{ type: "heading", text: first.replace(/^#+\s+/, "") }, ...proseBlocks(lines.slice(1).join("\n").trim())];
  }
  if (lines.every((line) => bullet.test(line))) {
    const isOrdered = bullet.exec(first)?.[1] !== undefined;
    return [{ type: "list", isOrdered, items: lines.map((line) => line.replace(bullet, "")) }];
  }
  const at = lines.findIndex((line) => bullet.test(line));
  if (at > 0) return [...proseBlocks(lines.slice(0, at).join("\n")), ...proseBlocks(lines.slice(at).join("\n"))];
  return [{ type: "paragraph", text: lines.join(" ") }];
}
