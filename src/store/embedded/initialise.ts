import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { explain } from "./failures.ts";
import type { Layout } from "./layout.ts";
import { newPassword, readPassword, writePassword } from "./password.ts";

export interface Ground {
  readonly layout: Layout;
  readonly account: Account;
  readonly binaries: Binaries;
  readonly durable: boolean;
}

export const role = "earnest";
export const database = "earnest";

const draftPrefix = "initdb-";

/**
 * Makes the data directory where there is none, beside its final place, and renames it when it is complete: a process
 * killed in the middle leaves nothing that looks like data. The superuser gets no password, so nobody can log in as it;
 * Earnest's own role owns its database and may create others (tests do).
 */
export async function initialise(ground: Ground): Promise<void> {
  const { layout, binaries } = ground;
  await removeDrafts(layout.home);
  const version = await readFile(join(layout.data, "PG_VERSION"), "utf8").catch(() => undefined);
  if (version === undefined) return createData(ground);
  const found = version.trim();
  if (found !== String(binaries.major)) {
    throw earnestError("DATABASE_VERSION_MISMATCH", {
      found,
      supported: `${layout.data} was written by ${found}, the embedded server is ${binaries.major}`,
      mend: `Start another with --data, or serve ${layout.data} with PostgreSQL ${found} and name it in DATABASE_URL.`,
    });
  }
  if ((await readPassword(layout)) === undefined) await resetPassword(ground);
}

/** A killed process may have left its initdb running, which goes on writing: what cannot be removed now goes later. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(draftPrefix))
      await rm(join(home, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function createData(ground: Ground): Promise<void> {
  const { layout, account } = ground;
  const draft = join(layout.home, `${draftPrefix}${randomBytes(6).toString("hex")}`);
  try {
    await run(ground, "initdb", initdbOptions(ground, draft));
    const access = join(draft, "pg_hba.conf");
    await writeFile(
      access,
      "# Only the socket in a folder of mode 700, and only with the password.\nlocal all all scram-sha-256\n",
    );
    if ("uid" in account.switchTo) await chown(access, account.uid, account.gid);
    const password = (await readPassword(layout)) ?? newPassword();
    await singleUser(ground, draft, [
      `create role ${role} login createdb password '${password}'`,
      `create database ${database} owner ${role}`,
    ]);
    await writePassword(layout, password);
    await rename(draft, layout.data);
    await syncFolder(layout.home);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** The order of texts must not hang on the machine's locale; the builtin provider (17 and later) has its own tables. */
function initdbOptions({ binaries, durable }: Ground, draft: string): string[] {
  const collation = binaries.major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  const haste = durable ? [] : ["--no-sync"];
  const fixed = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-instructions"];
  return [`--pgdata=${draft}`, ...fixed, ...collation, ...haste];
}

/** The password file was lost: set a new one while nobody else can be connected. */
async function resetPassword(ground: Ground): Promise<void> {
  const password = newPassword();
  await singleUser(ground, ground.layout.data, [`alter role ${role} password '${password}'`]);
  await writePassword(ground.layout, password);
}

async function singleUser(ground: Ground, data: string, commands: readonly string[]): Promise<void> {
  const options = ["--single", "-D", data, "-c", "log_checkpoints=off", "-c", "exit_on_error=on"];
  await run(ground, "postgres", [...options, "postgres"], commands.map((command) => `${command};\n`).join(""));
}

function run({ binaries, account, layout }: Ground, program: string, args: string[], input = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(binaries.root, "bin", program), args, {
      ...account.switchTo,
      cwd: layout.home,
      // Of its own, so that Ctrl-C in a terminal does not cut it in half.
      detached: true,
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    // A program that ends early closes its input; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (error) => reject(explain(error.message, layout.folder, account)));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(explain(output, layout.folder, account));
    });
  });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
