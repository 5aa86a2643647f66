import type { ApiKey } from "../../contract/api-keys.ts";
import { confirm } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { showTime } from "../show.ts";

export const addKeys: AddCommand = (program, run) => {
  const keys = program.command("keys").description("API keys of requesters and agents");
  examples(
    keys
      .command("create")
      .description("Create an API key; its secret is shown once")
      .option("--name <name>", "What the key is for", "command line")
      .option("--live", "A live key instead of a test key")
      .option("--dry-run", "Show what would be created, and create nothing")
      .action(run(createKey)),
    "earnest keys create --name nightly-labels",
  );
  examples(keys.command("list").description("The owner's API keys").action(run(listKeys)), "earnest keys list");
  examples(
    keys
      .command("revoke")
      .description("Revoke an API key: whatever uses it is refused from then on")
      .argument("<id>", "The key's id, as `earnest keys list` shows it")
      .action(run(revokeKey)),
    "earnest keys revoke 7Qk2mX9aB1c --yes",
  );
};

interface CreateOptions {
  readonly name: string;
  readonly live?: true;
  readonly dryRun?: true;
}

async function createKey(context: CommandContext, { name, live, dryRun }: CreateOptions): Promise<ExitCode> {
  const { output } = context;
  const wanted = { name, mode: live === true ? "live" : "test" } as const;
  if (dryRun === true) {
    output.line(`Would create a ${wanted.mode} key named "${name}".`);
    output.result({ ok: true, dryRun: true, key: wanted });
    return exitCodes.ok;
  }
  const key = await (await context.client()).apiKeys.create(wanted);
  // The secret alone on standard output: `KEY=$(earnest keys create)` works.
  output.line(key.secret);
  output.note(`${key.mode} key ${key.id} for "${key.name}". Keep it now: it is not shown again.`);
  output.result({ ok: true, key });
  return exitCodes.ok;
}

async function listKeys(context: CommandContext): Promise<ExitCode> {
  const keys: ApiKey[] = [];
  for await (const key of (await context.client()).apiKeys.list()) keys.push(key);
  context.output.table(["id", "mode", "name", "created", "state"], keys.map(rowOf));
  if (keys.length === 0) context.output.line("No API keys.");
  context.output.result({ ok: true, keys });
  return exitCodes.ok;
}

const rowOf = ({ id, mode, name, createdAtMs, revokedAtMs }: ApiKey): string[] => [
  id,
  mode,
  name,
  showTime(createdAtMs),
  revokedAtMs === null ? "active" : `revoked ${showTime(revokedAtMs)}`,
];

async function revokeKey(context: CommandContext, _: object, id: string): Promise<ExitCode> {
  await confirm(context, `Revoke the API key ${id}?`);
  await (await context.client()).apiKeys.revoke(id);
  context.output.line(`Revoked ${id}.`);
  context.output.result({ ok: true, revoked: id });
  return exitCodes.ok;
}
