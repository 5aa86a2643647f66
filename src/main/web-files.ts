import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the web application, as it is and as it was compressed when the application was built. */
export interface WebFile {
  readonly type: string;
  readonly etag: string;
  /** Its name holds a hash of its content: it never changes. */
  readonly isImmutable: boolean;
  readonly bodies: { readonly [Encoding in WebEncoding]?: Buffer } & { readonly identity: Buffer };
}

export type WebEncoding = "br" | "gzip" | "identity";

/** From dist/main/ and src/main/ alike. */
export const webFolder = fileURLToPath(new URL("../../dist/web/", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** All files of a build by their path in an address; none where there is no build. They are a few hundred kilobytes. */
export function readWebFiles(folder: string): ReadonlyMap<string, WebFile> {
  const files = new Map<string, WebFile>();
  for (const path of pathsUnder(folder)) {
    const type = types[extname(path)];
    if (type === undefined) continue;
    const name = relative(folder, path).split(sep).join("/");
    files.set(`/${name}`, webFile(path, name, type));
  }
  return files;
}

function webFile(path: string, name: string, type: string): WebFile {
  const identity = readFileSync(path);
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  const [br, gzip] = [readIfThere(`${path}.br`), readIfThere(`${path}.gz`)];
  const bodies = { identity, ...(br !== null && { br }), ...(gzip !== null && { gzip }) };
  return { type, etag, isImmutable: name.startsWith("assets/"), bodies };
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function pathsUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The best of the encodings that a request accepts and a file has. Refusals (`br;q=0`) count, other weights do not. */
export function encodingFor({ bodies }: WebFile, accepted: string): WebEncoding {
  const wanted = new Set(
    accepted
      .toLowerCase()
      .split(",")
      .map((each) => each.trim().split(/\s*;\s*/))
      .filter(([, weight]) => !/^q=0(?:\.0*)?$/.test(weight ?? ""))
      .map(([name]) => name),
  );
  for (const encoding of ["br", "gzip"] as const) {
    if (bodies[encoding] !== undefined && wanted.has(encoding)) return encoding;
  }
  return "identity";
}
