import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { CDXIndexer, WARCParser } from "warcio";

/** What is wrong with a packed WARC file and its index, by a reading of its own that shares nothing with our writer. */
export function problemsOfWarc(file: Buffer, index: string): readonly string[] {
  const problems: string[] = [];
  const members = membersOf(file);
  if (members.reduce((sum, { length }) => sum + length, 0) !== file.length) problems.push("not every byte is packed");
  const records = members.map(({ text }, i) => recordOf(text, (problem) => problems.push(`record ${i}: ${problem}`)));
  const ids = new Set(records.map(({ headers }) => headers.get("warc-record-id")));
  if (ids.size !== records.length) problems.push("an id is there twice");
  if (records[0]?.headers.get("warc-type") !== "warcinfo") problems.push("it does not begin with a warcinfo");
  for (const { headers } of records) {
    const other = headers.get("warc-concurrent-to");
    if (other !== undefined && !ids.has(other)) problems.push(`${other} is not there`);
  }
  for (const line of index.split("\n").filter((each) => each !== "")) {
    const facts = JSON.parse(line.slice(line.indexOf("{"))) as Readonly<Record<string, string>>;
    const at = members.findIndex(
      ({ offset, length }) => `${offset} ${length}` === `${facts["offset"]} ${facts["length"]}`,
    );
    const headers = records[at]?.headers;
    if (headers?.get("warc-target-uri") !== facts["url"]) problems.push(`the index misses ${facts["url"]}`);
    if (headers?.get("warc-payload-digest") !== facts["digest"]) problems.push(`the index has another digest`);
  }
  return problems;
}

/** The same by the library of those who make warcio: every record with its digests, and the index that it makes itself. */
export async function problemsByWarcio(file: Buffer, index: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for await (const record of new WARCParser([file], { parseHttp: false })) {
    const text = Buffer.from(await record.readFully(false)).toString("latin1");
    if (record.warcBlockDigest !== digestOf(text)) problems.push(`${record.warcTargetURI}: another block`);
    const body = text.slice(text.indexOf("\r\n\r\n") + 4);
    if (record.warcType === "response" && record.warcPayloadDigest !== digestOf(body))
      problems.push(`${record.warcTargetURI}: another payload`);
  }
  const theirs: string[] = [];
  const filename = /"filename": ?"([^"]+)"/.exec(index)?.[1] ?? "";
  for await (const facts of new CDXIndexer().iterIndex([{ filename, reader: piecesOf(file) }]))
    theirs.push(factsText(facts));
  const ours = index
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [factsText(JSON.parse(line.slice(line.indexOf("{"))))]));
  for (const line of theirs.filter((each) => !ours.includes(each))) problems.push(`only warcio has ${line}`);
  for (const line of ours.filter((each) => !theirs.includes(each))) problems.push(`only we have ${line}`);
  return problems;
}

async function* piecesOf(file: Buffer): AsyncGenerator<Uint8Array> {
  yield file;
}

/** Theirs leaves out by which algorithm a digest is. */
const factsText = (facts: Readonly<Record<string, unknown>>): string =>
  ["url", "status", "digest", "length", "offset", "filename"]
    .map((name) => String(facts[name]).replace(/^sha256:/, ""))
    .join(" ");

interface Member {
  readonly offset: number;
  readonly length: number;
  /** A character a byte. */
  readonly text: string;
}

/** What is packed by itself: from one beginning to the first other one that makes it whole. */
function membersOf(file: Buffer): readonly Member[] {
  const magic = Buffer.from([0x1f, 0x8b, 8]);
  const found: Member[] = [];
  for (let offset = 0; offset < file.length; ) {
    let end = offset;
    let text: string | null = null;
    while (text === null && end < file.length) {
      const next = file.indexOf(magic, end + 1);
      end = next < 0 ? file.length : next;
      text = unpacked(file.subarray(offset, end));
    }
    if (text === null) return found;
    found.push({ offset, length: end - offset, text });
    offset = end;
  }
  return found;
}

function unpacked(bytes: Buffer): string | null {
  try {
    return gunzipSync(bytes).toString("latin1");
  } catch {
    return null;
  }
}

function recordOf(text: string, fail: (problem: string) => void): { readonly headers: ReadonlyMap<string, string> } {
  const end = text.indexOf("\r\n\r\n");
  const [version, ...lines] = text.slice(0, end).split("\r\n");
  if (version !== "WARC/1.1") fail("another version");
  const headers = headersOf(lines, fail);
  const block = text.slice(end + 4, -4);
  if (!text.endsWith("\r\n\r\n")) fail("another end");
  if (headers.get("content-length") !== `${block.length}`) fail("another length");
  if (!/^<urn:uuid:[0-9a-f-]{36}>$/.test(headers.get("warc-record-id") ?? "")) fail("an id that is none");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(headers.get("warc-date") ?? ""))
    fail("a date that is none");
  if (headers.get("warc-block-digest") !== digestOf(block)) fail("another block");
  const type = headers.get("warc-type");
  if (type === "response") checkResponse(block, headers, fail);
  if (type === "revisit" && !headers.has("warc-refers-to-target-uri")) fail("a revisit of nothing");
  return { headers };
}

function headersOf(lines: readonly string[], fail: (problem: string) => void): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!-9;-~]+): ([^\r\n]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) fail(`the header ${line}`);
    else if (headers.has(name.toLowerCase())) fail(`${name} twice`);
    else headers.set(name.toLowerCase(), value);
  }
  return headers;
}

function checkResponse(block: string, headers: ReadonlyMap<string, string>, fail: (problem: string) => void): void {
  const end = block.indexOf("\r\n\r\n");
  const head = block.slice(0, end).split("\r\n");
  const body = block.slice(end + 4);
  if (!/^HTTP\/1\.1 \d{3} /.test(head[0] ?? "")) fail("no answer of HTTP");
  if (!head.some((line) => line.toLowerCase() === `content-length: ${body.length}`)) fail("another length of the body");
  if (head.some((line) => /^transfer-encoding:/i.test(line))) fail("a coding that the body does not have");
  if (headers.get("warc-payload-digest") !== digestOf(body)) fail("another payload");
}

/** In base32 by way of its bits. */
function digestOf(text: string): string {
  const bits = [...createHash("sha256").update(Buffer.from(text, "latin1")).digest()]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  const letters = (bits.match(/.{1,5}/g) ?? []).map(
    (five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five.padEnd(5, "0"), 2)],
  );
  return `sha256:${letters.join("").padEnd(Math.ceil(letters.length / 8) * 8, "=")}`;
}

/** The checker of Python's `warcio`, where this machine has it: what it says, warnings and its own end included. @returns null where it is not */
export function warcioCheck(path: string): string | null {
  try {
    execFileSync("python3", ["-c", "import warcio"], { stdio: "ignore" });
  } catch {
    console.warn("Python's warcio is not here: its own checker is left out.");
    return null;
  }
  const main = "from warcio.cli import main; main()";
  const { status, stdout, stderr } = spawnSync("python3", ["-c", main, "check", path], { encoding: "utf8" });
  return `${stdout}${stderr}${status === 0 ? "" : `it ends with ${status}`}`;
}
