import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { Rules } from "../market/decide.ts";
import type { Rail, TokenDesk } from "../rails/rail.ts";
import type { SponsorPolicy } from "../rails/solana/escrow/sponsorship.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { NoticeAddress } from "../store/identity/notice-addresses.ts";
import type { Pool } from "../store/pool.ts";
import type { PlaceKeys } from "./places/place-keys.ts";
import type { WithdrawalPolicy } from "./withdrawals/policy.ts";

/** What the engine is given from outside: it has no clock, randomness, keys or settings of its own. */
export interface EngineContext {
  readonly pool: Pool;
  /** Of the home pool. */
  readonly rail: Rail;
  /** On the way to the rails of other pools. */
  readonly tokens: TokenDesk;
  readonly rules: Rules;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Unpredictable bytes. */
  readonly random: (length: number) => Uint8Array;
  readonly signer: Signer;
  readonly placeKeys: PlaceKeys;
  /** Where strangers' programs run. */
  readonly sandbox: Pick<Sandbox, "execute">;
  /** Ed25519 (RFC 8032). */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  readonly notices: NoticeSender;
  readonly webhooks: WebhookSender;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly settings: EngineSettings;
  /** On a network whose tokens are worth nothing: makes some for a wallet. */
  readonly giveTestTokens?: (wallet: string, amount: Amount) => Promise<void>;
}

/** The network's own key: signs the head of every batch. */
export interface Signer {
  readonly publicKey: Bytes32;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** Takes short messages to the push services of browsers (RFC 8030), encrypted for each (RFC 8291). */
export interface NoticeSender {
  /** P-256, uncompressed: by it push services know who sends (RFC 8292). */
  readonly publicKey: Uint8Array;
  /** `gone`: that browser wants no more. `failed`: not now, for whatever reason; never rejects. */
  readonly send: (to: NoticeAddress, text: string) => Promise<"taken" | "gone" | "failed">;
}

/** Posts what happened in markets to where their requesters want it, signed as Standard Webhooks has it. */
export interface WebhookSender {
  /** What speaks against an address; null where nothing does. */
  readonly refusal: (url: string) => string | null;
  /** Never rejects. */
  readonly send: (
    to: { readonly url: string; readonly secret: Uint8Array },
    message: { readonly id: string; readonly timeMs: number; readonly body: string },
  ) => Promise<{ readonly status: number | null; readonly problem: string | null }>;
}

export interface EngineSettings {
  /** Basis points on every reward, to `operator`. */
  readonly feeBasisPoints: number;
  /** The wallet of the operator's fees. */
  readonly operator: string;
  /** Sign-in messages must name it. */
  readonly domain: string;
  /** A node of the chain that everybody is told of, to ask it what this network says. */
  readonly publicRpcUrl?: string;
  readonly sweepMs: number;
  readonly epochMs: number;
  /** An epoch ends before its time once so much was earned in it; absent where it does not. */
  readonly epochAmount?: Amount;
  /** How long a commit message waits for its signatures before it is looked at again in the next epoch. */
  readonly signaturesMs: number;
  /** Whose token accounts the operator pays for. */
  readonly sponsor: SponsorPolicy;
  /** What contributors may send on at the operator's cost. */
  readonly withdrawals: WithdrawalPolicy;
  readonly commandsPerBatchMax: number;
  readonly entriesPerCheckpoint: number;
  /** Where that is more, so many for each member: 240 bytes and some microseconds in each checkpoint. */
  readonly entriesPerCheckpointMember: number;
  /** As many since the last one are worth another when the process ends in order. */
  readonly entriesPerLastCheckpoint: number;
  readonly lanesCachedMax: number;
}

export const hashOf = (context: EngineContext): Hash => context.rules.hash;
