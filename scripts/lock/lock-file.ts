/** package-lock.json, as much of it as matters here. */
export interface LockFile {
  readonly packages: Record<string, LockEntry>;
  readonly [other: string]: unknown;
}

export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * What would make `npm ci` fail in an empty clone, or point it at one machine's registry. npm leaves a platform's
 * package out of the lock when the registry lacks it that day, and then refuses its own lock on another machine.
 */
export function problemsOf(lock: LockFile): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (/^https?:/.test(entry.resolved ?? "")) {
      problems.push(`${path} holds a download address; .npmrc leaves these out: delete its "resolved"`);
    }
    if (needsIntegrity(path, entry)) problems.push(`${path} has no integrity: run \`npm install\` again`);
  }
  for (const [name, version] of directVersions(lock)) {
    if (!/^\d/.test(version)) problems.push(`${name} is wanted as "${version}": pin one version`);
  }
  return [...problems, ...missingOptional(lock).map((each) => `${each.path} is missing: run \`npm run lock\``)];
}

/** An entry that was completed by hand names a platform and has no integrity: nobody can install it, nobody needs to. */
const needsIntegrity = (path: string, entry: LockEntry): boolean =>
  path.includes("node_modules/") &&
  entry.integrity === undefined &&
  entry.link !== true &&
  entry.inBundle !== true &&
  !(entry.optional === true && entry.os !== undefined);

const directVersions = (lock: LockFile): [string, string][] => {
  const root = lock.packages[""];
  return Object.entries({ ...root?.dependencies, ...root?.devDependencies });
};

interface Missing {
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

function missingOptional(lock: LockFile): Missing[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isResolvable(lock, path, name))
      .map(([name, version]) => ({ path: `node_modules/${name}`, name, version })),
  );
}

/** Node's own search: beside the package's files, then in every node_modules above. */
function isResolvable(lock: LockFile, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[path] !== undefined) return true;
    if (folder === "") return false;
  }
}

const systems = ["aix", "android", "darwin", "freebsd", "linux", "openbsd", "netbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

/** "@biomejs/cli-linux-x64-musl" says its platform; one that does not is completed without. */
export function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.replace("windows", "win32").split(/[/-]/);
  const os = systems.find((each) => words.includes(each));
  const cpu = processors.find((each) => words.includes(each));
  const isMusl = words.some((word) => word.startsWith("musl"));
  const libc = os !== "linux" ? undefined : isMusl ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  return {
    ...(os === undefined ? {} : { os: [os] }),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
  };
}

/** The lock with an entry for every optional platform package that npm left out. */
export function completed(lock: LockFile): LockFile {
  const added = missingOptional(lock).map(({ path, name, version }): [string, LockEntry] => [
    path,
    { version: version.replace(/^[~^]/, ""), optional: true, ...platformOf(name) },
  ]);
  if (added.length === 0) return lock;
  const sorted = [...Object.entries(lock.packages), ...added].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, packages: Object.fromEntries(sorted) };
}
