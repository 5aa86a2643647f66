import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Earnest } from "../client/earnest.ts";
import type { ClientOptions } from "../client/options.ts";
import { earnestError } from "../core/errors.ts";
import { defaultProfile, type Profile, type Profiles, readProfiles } from "./credentials.ts";
import type { CliOptions, Io } from "./options.ts";
import { Output } from "./output.ts";

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: true;
  readonly server?: string;
  readonly profile?: string;
  readonly data?: string;
  readonly yes?: true;
  readonly verbose?: true;
  readonly color?: boolean;
}

export const defaultServer = "http://127.0.0.1:4500";

/** What a command runs with. */
export class CommandContext {
  readonly output: Output;
  readonly io: Io;
  readonly dataFolder: string;
  readonly profileName: string;
  readonly isYes: boolean;
  readonly clock: () => number;
  /** Aborts on Ctrl-C, and when whoever reads our output has gone. */
  readonly stopped: AbortSignal;
  readonly #cli: CliOptions;
  readonly #options: GlobalOptions;
  #profiles: Promise<Profiles> | null = null;

  constructor(cli: CliOptions, options: GlobalOptions) {
    this.#cli = cli;
    this.#options = options;
    this.io = cli.io;
    this.output = new Output(cli.io, {
      isJson: options.json === true,
      isColourWanted: options.color !== false && cli.settings.isColourWanted,
    });
    this.dataFolder = options.data === undefined ? cli.settings.dataFolder : this.path(options.data);
    this.profileName = options.profile ?? cli.settings.profile ?? defaultProfile;
    this.isYes = options.yes === true;
    this.clock = cli.clock;
    this.stopped = AbortSignal.any([cli.interrupted, this.output.gone]);
  }

  /** Does long work that neither waits for anything nor leaves anything behind; Ctrl-C ends it at once. */
  async block<Result>(work: () => Result): Promise<Result> {
    await this.breathe();
    return this.#cli.whileBlocked === undefined ? work() : this.#cli.whileBlocked(work);
  }

  /** Lets Ctrl-C be heard between pieces of long work. */
  async breathe(): Promise<void> {
    await setImmediate();
    this.stopped.throwIfAborted();
  }

  path(given: string): string {
    return resolve(this.#cli.workingFolder, given);
  }

  /** The profile in use; null where it was never written. */
  async profile(): Promise<Profile | null> {
    this.#profiles ??= readProfiles(this.dataFolder);
    const profiles = await this.#profiles;
    return (Object.hasOwn(profiles, this.profileName) ? profiles[this.profileName] : undefined) ?? null;
  }

  async server(): Promise<string> {
    const given = this.#options.server ?? this.#cli.settings.server;
    return serverUrl(given ?? (await this.profile())?.server ?? defaultServer);
  }

  /** The API key of the environment, for whatever server is used. */
  get environmentKey(): string | null {
    return this.#cli.settings.apiKey;
  }

  /** Secrets go to the server they are for and to no other, whatever --server says. */
  async apiKey(): Promise<string | null> {
    return this.environmentKey ?? (await this.#ownProfile())?.apiKey ?? null;
  }

  async sessionToken(): Promise<string | null> {
    const session = (await this.#ownProfile())?.session ?? null;
    return session !== null && session.expiresAtMs > this.clock() ? session.token : null;
  }

  /** A client that acts for the owner of the API key, or of the session where there is no key. */
  async client(): Promise<Earnest> {
    await this.#requireNamedProfile();
    const token = (await this.apiKey()) ?? (await this.sessionToken());
    return new Earnest({ ...(await this.clientOptions()), ...(token !== null && { apiKey: token }) });
  }

  /** A person waits: an absent server is reported soon, and Ctrl-C ends whatever is under way. */
  async clientOptions(): Promise<ClientOptions> {
    const { stopped } = this;
    const stoppable: typeof fetch = (input, init) => {
      const signals = [stopped, ...(init?.signal instanceof AbortSignal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    };
    return { server: await this.server(), retriesMax: 2, fetch: stoppable };
  }

  /** Who names a profile means it: to fall back on others' credentials would be a surprise. */
  async #requireNamedProfile(): Promise<void> {
    if (this.profileName === defaultProfile || (await this.profile()) !== null) return;
    const names = Object.keys((await this.#profiles) ?? {}).join(", ");
    throw earnestError("MALFORMED_COMMAND", {
      problem: `There is no profile "${this.profileName}" in ${this.dataFolder}`,
      mend:
        names === "" ? "Write one with `earnest login`." : `Use one of ${names}, or write it with \`earnest login\`.`,
    });
  }

  async #ownProfile(): Promise<Profile | null> {
    const profile = await this.profile();
    return profile !== null && serverUrl(profile.server) === (await this.server()) ? profile : null;
  }
}

export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: `"${text}" is not the address of a server`,
      mend: `Write it in full, such as ${defaultServer}.`,
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
