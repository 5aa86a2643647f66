import type { ComponentChildren } from "preact";
import { safeText } from "./safe-text.ts";

/**
 * A requester's guide: the little of Markdown that a guide needs, made into elements one by one, so that there is no
 * markup that could get through. Links are shown as text: work does not lead away from here.
 */
export function Markdown({ source }: { readonly source: string }) {
  return <div class="markdown">{blocksOf(safeText(source)).map((block, i) => blockView(block, i))}</div>;
}

type Block =
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

function blockView(block: Block, key: number) {
  switch (block.type) {
    case "heading":
      return <h3 key={key}>{inline(block.text)}</h3>;
    case "code":
      return <pre key={key}>{block.text}</pre>;
    case "list": {
      const items = block.items.map((item, i) => <li key={i}>{inline(item)}</li>);
      return block.isOrdered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {inline(block.text)}
        </p>
      );
  }
}

const marks = /(\*\*[^*]+\*\*|__[^_]+__|`[^`]+`|\*[^*\s][^*]*\*|!?\[[^\]]*\]\([^)]*\))/;

function inline(text: string): ComponentChildren {
  return text.split(marks).map((piece, i) => {
    if (i % 2 === 0) return piece;
    if (/^(?:\*\*|__)/.test(piece)) return <strong key={i}>{piece.slice(2, -2)}</strong>;
    if (piece.startsWith("`")) return <code key={i}>{piece.slice(1, -1)}</code>;
    if (piece.startsWith("*")) return <em key={i}>{piece.slice(1, -1)}</em>;
    return piece.replace(/^!?\[([^\]]*)\]\(([^)]*)\)$/, "$1 ($2)");
  });
}
