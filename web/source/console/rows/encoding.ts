export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** By its first bytes: what says so itself, else UTF-8 where they can be, else what spreadsheets of the West write. */
export function encodingOf(head: Uint8Array): Encoding {
  const [a, b] = head;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  try {
    // The last letter may be cut in two.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}

/** Stands for bytes that were none of the encoding's. */
export const replacement = "\ufffd";
