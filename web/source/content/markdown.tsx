import type { ComponentChildren } from "preact";
import { type Block, blocksOf } from "./markdown-blocks.ts";
import { safeText } from "./safe-text.ts";

/**
 * A requester's guide: the little of Markdown that a guide needs, made into elements one by one, so that there is no
 * markup that could get through. Links are shown as text: work does not lead away from here.
 */
export function Markdown({ source }: { readonly source: string }) {
  return <div class="markdown">{blocksOf(safeText(source)).map((block, i) => blockView(block, i))}</div>;
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
