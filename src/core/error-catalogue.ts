import { type Entry, entry } from "./error-entry.ts";
import { tokenErrors } from "./token-errors.ts";

export type { ErrorKind } from "./error-entry.ts";

/**
 * The one catalogue of errors. A code, once released, is never reused for another meaning. Names follow a grammar:
 * `MALFORMED_*` (the input has the wrong shape), `*_NOT_FOUND`, `*_EXCEEDED` (a limit), `*_MISMATCH` (two things that
 * must agree do not), `*_INSUFFICIENT` (money), `*_STATE` (the wrong moment).
 */
export const catalogue = {
  // Input
  MALFORMED_BYTES: entry(
    "malformed",
    (c: { what: string; length: number; expected: number }) =>
      `A ${c.what} must be ${c.expected} bytes long, not ${c.length}.`,
    () => "Send the whole value.",
  ),
  MALFORMED_TEXT_ENCODING: entry(
    "malformed",
    (c: { what: string; text: string }) => `"${c.text}" is not ${c.what}.`,
    (c) => `Encode the value as ${c.what}.`,
  ),
  MALFORMED_ENCODING: entry(
    "malformed",
    (c: { what: string; offset: number }) => `The bytes of ${c.what} cannot be decoded (at byte ${c.offset}).`,
    () => "The data are damaged or of another version; fetch them again.",
  ),
  MALFORMED_AMOUNT: entry(
    "malformed",
    (c: { text: string; decimals: number }) => `"${c.text}" is not an amount with at most ${c.decimals} decimals.`,
    () => 'Write a plain decimal number such as "0.02".',
  ),
  MALFORMED_REQUEST: entry(
    "malformed",
    (c: { where: string; problem: string }) => `${c.where}: ${c.problem}.`,
    () => "Correct the request; the shape of every request is in /openapi.json.",
  ),
  MALFORMED_ROWS: entry(
    "malformed",
    (c: {
      rows: number;
      firstRow: number;
      problem: string;
      /** The same rows by problem, and the first of them as they came. */
      groups?: readonly { readonly problem: string; readonly rows: number; readonly first: readonly number[] }[];
      badRows?: readonly { readonly row: number; readonly problem: string; readonly text: string }[];
    }) => `${c.rows} rows cannot be imported; the first is row ${c.firstRow}: ${c.problem}.`,
    () => "Mend the rows in the file of bad rows and import again; nothing was imported.",
  ),
  MALFORMED_SPEC: entry(
    "malformed",
    (c: { path: string; problem: string }) => `The market's specification is wrong at ${c.path}: ${c.problem}.`,
    () => "Correct that field.",
  ),
  MALFORMED_CASE: entry(
    "malformed",
    (c: { path: string; problem: string }) => `The case is wrong at ${c.path}: ${c.problem}.`,
    () => "Correct that field; docs/verification.md has the shapes of evidence and context.",
  ),
  MALFORMED_SOLUTION: entry(
    "malformed",
    (c: { problem: string }) => `What the solver wrote is no solution: ${c.problem}.`,
    () => 'One line for each task: {"answer": …}, with "evidence" where its kind asks for it, or {"skip": true}.',
  ),
  MALFORMED_KIND: entry(
    "malformed",
    (c: { path: string; problem: string }) => `The kind of work is wrong at ${c.path}: ${c.problem}.`,
    () => "Correct that field; docs/kinds.md has the form of such files.",
  ),
  MALFORMED_ANSWER: entry(
    "malformed",
    (c: { problem: string }) => `The answer does not fit the task: ${c.problem}.`,
    () => "Answer in the shape the task's template asks for.",
  ),
  REQUEST_TOO_LARGE_EXCEEDED: entry(
    "exceeded",
    (c: { bytesMax: number }) => `The request is larger than ${c.bytesMax} bytes.`,
    () => "Send it in smaller pieces, or use the streaming import for tasks.",
  ),
  RATE_EXCEEDED: entry(
    "exceeded",
    (c: { retryAfterSeconds: number }) => `Too many requests; capacity is free again in ${c.retryAfterSeconds} s.`,
    (c) => `Wait ${c.retryAfterSeconds} s and send the same request again.`,
  ),
  METHOD_MISMATCH: entry(
    "malformed",
    (c: { method: string; path: string; allowed: string }) => `${c.path} does not take ${c.method}.`,
    (c) => `Use ${c.allowed}; /openapi.json has all routes.`,
  ),
  ACCEPT_MISMATCH: entry(
    "malformed",
    (c: { accept: string; offered: string }) => `Nothing here comes as "${c.accept}".`,
    (c) => `Accept one of ${c.offered}.`,
  ),
  CONTENT_TYPE_MISMATCH: entry(
    "malformed",
    (c: { contentType: string; expected: string }) => `A body of type "${c.contentType}" cannot be read here.`,
    (c) => `Send ${c.expected} and name it in the Content-Type header.`,
  ),
  REQUEST_TIME_EXCEEDED: entry(
    "exceeded",
    (c: { seconds: number }) => `The request was not complete after ${c.seconds} s.`,
    () => "Send it again, on a faster connection or in smaller pieces.",
  ),
  HEADERS_EXCEEDED: entry(
    "exceeded",
    (_: Record<never, never>) => "The headers of the request are too large.",
    () => "Send fewer or shorter headers.",
  ),
  // Identity
  SIGNATURE_MISMATCH: entry(
    "unauthenticated",
    (c: { what: string }) => `The signature of ${c.what} is not valid.`,
    () => "Sign exactly the documented bytes with the key that you name.",
  ),
  CREDENTIALS_NOT_FOUND: entry(
    "unauthenticated",
    (c: { expected: string }) => `This request needs ${c.expected}.`,
    () => "Create an API key with `earnest keys create`, or sign in with a session.",
  ),
  API_KEY_NOT_FOUND: entry(
    "unauthenticated",
    (_: Record<never, never>) => "No such API key, or it was revoked.",
    () => "Create one with `earnest keys create`.",
  ),
  SESSION_NOT_FOUND: entry(
    "unauthenticated",
    (c: { session: string }) => `The session ${c.session} does not exist or has expired.`,
    () => "Sign in again: POST /v1/sessions.",
  ),
  CHALLENGE_MISMATCH: entry(
    "unauthenticated",
    (c: { problem: string }) => `The sign-in message is not acceptable: ${c.problem}.`,
    () => "Ask for a new challenge and sign it within its lifetime.",
  ),
  REQUEST_TIME_MISMATCH: entry(
    "unauthenticated",
    (c: { skewMs: number; skewMsMax: number }) =>
      `The request was signed ${c.skewMs} ms away from the server's time; at most ${c.skewMsMax} ms is allowed.`,
    () => "Set the device's clock, or use the time that the server's Date header shows.",
  ),
  OWNER_MISMATCH: entry(
    "forbidden",
    (c: { what: string }) => `${c.what} belongs to somebody else.`,
    () => "Use the credentials of its owner.",
  ),
  OWN_MARKET_WORK: entry(
    "forbidden",
    (_: Record<never, never>) => "A requester's owner cannot work in its own market.",
    () => "Choose another market.",
  ),
  NOT_ELIGIBLE: entry(
    "forbidden",
    (c: { requirement: string }) => `This task asks for something you do not have: ${c.requirement}.`,
    () => "Choose another task, or earn the qualification first.",
  ),
  // Not found
  ROUTE_NOT_FOUND: entry(
    "notFound",
    (c: { method: string; path: string }) => `There is no ${c.method} ${c.path}.`,
    () => "See /openapi.json for all routes.",
  ),
  KIND_NOT_FOUND: entry(
    "notFound",
    (c: { kind: string; known: string }) => `There is no kind of work "${c.kind}"; there are ${c.known}.`,
    () => "Take one of these, or the path of a kind's file.",
  ),
  MARKET_NOT_FOUND: entry(
    "notFound",
    (c: { market: string }) => `There is no market ${c.market}.`,
    () => "List the markets with GET /v1/markets.",
  ),
  PROGRAM_FILE_NOT_FOUND: entry(
    "notFound",
    (c: { hash: string }) => `The market has no program ${c.hash}.`,
    () => "Add it with `earnest programs add`, or take a hash of its tasks' terms.",
  ),
  TASK_NOT_FOUND: entry(
    "notFound",
    (c: { task: string }) => `There is no task ${c.task} in this market.`,
    () => "List the tasks with GET /v1/markets/{market}/tasks.",
  ),
  WEBHOOK_NOT_FOUND: entry(
    "notFound",
    (c: { webhook: string }) => `There is no webhook or message ${c.webhook} of yours.`,
    () => "List your webhooks: GET /v1/webhooks.",
  ),
  SLOT_NOT_FOUND: entry(
    "notFound",
    (c: { slot: string }) => `There is no slot ${c.slot}, or it ended long ago.`,
    () => "Ask for a new assignment.",
  ),
  ENTRY_NOT_FOUND: entry(
    "notFound",
    (c: { lane: number; sequence: number }) => `Lane ${c.lane} has no entry ${c.sequence}.`,
    () => "Ask for an entry up to the lane's head.",
  ),
  TEST_NOT_FOUND: entry(
    "notFound",
    (c: { test: string }) => `There is no test "${c.test}" in this market.`,
    () => "List the tests with GET /v1/markets/{market}/tests.",
  ),
  CONTRIBUTOR_NOT_FOUND: entry(
    "notFound",
    (c: { contributor: string }) => `The contributor ${c.contributor} is not known here.`,
    () => "Sign in with that key first: POST /v1/sessions.",
  ),
  WORK_NOT_FOUND: entry(
    "notFound",
    (_: Record<never, never>) => "There is no open slot for you in this market now.",
    () => "Try again later, or choose another market.",
  ),
  DEPOSIT_NOT_FOUND: entry(
    "notFound",
    (c: { signature: string }) => `No finalized deposit to this market is known under ${c.signature}.`,
    () => "Wait until the deposit is finalized, then fund again with its signature.",
  ),
  DATASET_NOT_FOUND: entry(
    "notFound",
    (c: { path: string; missing: string }) => `${c.path} holds no ${c.missing}.`,
    () => "A dataset folder holds answers.csv (task,worker,label) and truth.csv (task,label).",
  ),
  // State
  MARKET_STATE: entry(
    "conflict",
    (c: { market: string; status: string; action: string }) =>
      `The market ${c.market} is ${c.status}: cannot ${c.action}.`,
    (c) => (c.status === "draft" ? "Fund and open the market first." : "Choose an open market."),
  ),
  TASK_STATE: entry(
    "conflict",
    (c: { task: string; problem: string }) => `The task ${c.task} takes no further answer: ${c.problem}.`,
    () => "Ask for another task.",
  ),
  SLOT_STATE: entry(
    "conflict",
    (c: { slot: string; state: string }) => `The slot ${c.slot} is ${c.state}.`,
    (c) => (c.state === "expired" ? "Take a new slot of the task and send the answer again." : "Nothing to do."),
  ),
  COMMITMENT_STATE: entry(
    "conflict",
    (c: { slot: string; problem: string }) => `Slot ${c.slot} cannot be committed to or shown so: ${c.problem}.`,
    () => "Where being first counts, commit to the body of the submission first, and then submit that very body.",
  ),
  ANSWER_MISMATCH: entry(
    "conflict",
    (c: { slot: string }) => `The slot ${c.slot} already has another answer.`,
    () => "A submission is immutable; the first one stands.",
  ),
  DUPLICATE_ANSWER: entry(
    "conflict",
    (c: { task: string }) => `You have a slot or an answer in task ${c.task} already.`,
    () => "Finish the slot you have, or choose another task.",
  ),
  IDEMPOTENCY_MISMATCH: entry(
    "conflict",
    (c: { key: string }) => `The idempotency key "${c.key}" was used with another request.`,
    () => "Use a new key for a new request.",
  ),
  DEPOSIT_STATE: entry(
    "conflict",
    (c: { signature: string }) => `The deposit ${c.signature} has been credited already.`,
    () => "Nothing to do; look at the market's escrow.",
  ),
  APPEAL_STATE: entry(
    "conflict",
    (c: { slot: string; problem: string }) => `The slot ${c.slot} cannot be appealed: ${c.problem}.`,
    () => "An appeal turns a rejection into an acceptance, once, within the appeal window.",
  ),
  CHALLENGE_STATE: entry(
    "conflict",
    (c: { task: string; problem: string }) => `Task ${c.task} cannot be challenged: ${c.problem}.`,
    () => "What can be challenged, by when and for what stake: GET /v1/markets/{market}/challenges.",
  ),
  REVIEW_STATE: entry(
    "conflict",
    (c: { slot: string; problem: string }) => `The slot ${c.slot} cannot be reviewed: ${c.problem}.`,
    () => "Review submissions that wait for your decision: GET /v1/markets/{market}/reviews.",
  ),
  TEST_STATE: entry(
    "conflict",
    (c: { test: string; problem: string }) => `The test "${c.test}" cannot be taken now: ${c.problem}.`,
    () => "A score stands until it expires; then the test can be taken again.",
  ),
  TIME_STATE: entry(
    "conflict",
    (c: { timeMs: number; laneTimeMs: number }) => `The time ${c.timeMs} is before the lane's time ${c.laneTimeMs}.`,
    () => "Set the server's clock.",
  ),
  // Money
  ESCROW_INSUFFICIENT: entry(
    "insufficient",
    (c: { needed: string; free: string }) => `The market needs ${c.needed} free, and has ${c.free}.`,
    () => "Fund the market: `earnest markets deposit`.",
  ),
  REWARD_MISMATCH: entry(
    "malformed",
    (c: { reward: string; rewardMin: string; rewardMax: string }) =>
      `The reward ${c.reward} is outside the market's bounds ${c.rewardMin} to ${c.rewardMax}.`,
    () => "Choose a reward within the bounds, or open another market.",
  ),
  BUDGET_EXCEEDED: entry(
    "insufficient",
    (c: { budget: string; needed: string; left: string }) =>
      `The ${c.budget} budget has ${c.left} left; ${c.needed} is needed.`,
    () => "Raise the budget in a new market.",
  ),
  OVERLAP_EXCEEDED: entry(
    "conflict",
    (c: { task: string; overlapMax: number }) => `All ${c.overlapMax} slots of task ${c.task} are taken.`,
    () => "Ask for another task.",
  ),
  LIMIT_EXCEEDED: entry(
    "exceeded",
    (c: { what: string; max: number }) => `More than ${c.max} ${c.what}.`,
    () => "Use fewer, or split them up.",
  ),
  UNCOVERED_EXCEEDED: entry(
    "conflict",
    (c: { what: string; max: number }) => `More than ${c.max} ${c.what} would wait for a session's signature.`,
    () => "Sign a checkpoint over them: GET and POST /v1/markets/MARKET/coverage; or sign each request.",
  ),
  COVERAGE_MISMATCH: entry(
    "conflict",
    (c: { problem: string }) => `The checkpoint does not cover what the session brought: ${c.problem}.`,
    () => "Read GET /v1/markets/MARKET/coverage, compare it with what you sent, and sign that.",
  ),
  // Trust
  REPLAY_MISMATCH: entry(
    "internal",
    (c: { lane: number; sequence: number; what: string }) =>
      `Replay differs at lane ${c.lane}, entry ${c.sequence}: ${c.what}.`,
    () => "The log was altered, or two versions of the rules were mixed; keep the log and report it.",
  ),
  INVARIANT_MISMATCH: entry(
    "internal",
    (c: { what: string; mend?: string }) => `An invariant does not hold: ${c.what}.`,
    (c) => c.mend ?? "Nothing was written; keep the logs and report it.",
  ),
  // Command line
  MALFORMED_COMMAND: entry(
    "malformed",
    (c: { problem: string; mend?: string }) => `${c.problem}.`,
    (c) => c.mend ?? "See `earnest --help`.",
  ),
  MALFORMED_FILE: entry(
    "malformed",
    (c: { path: string; problem: string; mend?: string }) => `${c.path} cannot be used: ${c.problem}.`,
    (c) => c.mend ?? "Mend the file, or name another.",
  ),
  MALFORMED_ROW: entry(
    "malformed",
    (c: { path: string; line: number; problem: string }) => `${c.path}, line ${c.line}: ${c.problem}.`,
    () => "Mend that line; nothing was written.",
  ),
  FILE_NOT_FOUND: entry(
    "notFound",
    (c: { path: string }) => `There is no file ${c.path}.`,
    () => "Check the path; relative ones begin in the folder you are in.",
  ),
  FILE_SIZE_EXCEEDED: entry(
    "exceeded",
    (c: { path: string; bytesMax: number }) => `${c.path} is larger than ${c.bytesMax} bytes.`,
    () => "Use a smaller file.",
  ),
  // Machines
  DATABASE_UNAVAILABLE: entry(
    "unavailable",
    (c: { retryAfterSeconds: number }) => `The database does not answer; next try in ${c.retryAfterSeconds} s.`,
    () => "Wait and send the same request again; a repeated request changes nothing twice.",
  ),
  DATABASE_VERSION_MISMATCH: entry(
    "internal",
    (c: { found: string; supported: string; mend?: string }) =>
      `PostgreSQL ${c.found} is not supported (${c.supported}).`,
    (c) => c.mend ?? "Use a supported version, or leave DATABASE_URL unset to use the embedded one.",
  ),
  DATABASE_NETWORK_MISMATCH: entry(
    "conflict",
    (c: { field: string; found: string; source: string; expected: string }) =>
      `This database is of the ${c.field} ${c.found}, ${c.source} of ${c.expected}.`,
    () => "Start with the data folder, RPC URL and token that this database was made with, or with an empty one.",
  ),
  DATABASE_START_UNAVAILABLE: entry(
    "unavailable",
    (c: { problem: string; mend?: string }) => `The embedded PostgreSQL did not start: ${c.problem}.`,
    (c) => c.mend ?? "Free disk space or mend the data folder's permissions, or set DATABASE_URL.",
  ),
  DISK_FULL_EXCEEDED: entry(
    "unavailable",
    (c: { path: string }) => `The disk that holds ${c.path} is full; nothing was written.`,
    () => "Free some space; the request can then be repeated.",
  ),
  SOLVER_UNAVAILABLE: entry(
    "unavailable",
    (c: { path: string; problem: string }) => `The solver ${c.path} does not work: ${c.problem}.`,
    () => "Run it by itself with a line of JSON on its standard input; what it held is assigned to others in time.",
  ),
  PORT_UNAVAILABLE: entry(
    "unavailable",
    (c: { port: number; problem: string; flag?: string }) => `Cannot listen on port ${c.port}: ${c.problem}.`,
    (c) => `Choose another with ${c.flag ?? "--port"}.`,
  ),
  DATA_FOLDER_UNAVAILABLE: entry(
    "unavailable",
    (c: { path: string; problem: string; mend?: string }) => `The data folder ${c.path} cannot be used: ${c.problem}.`,
    (c) => c.mend ?? "Choose another with --data.",
  ),
  MIGRATION_MISMATCH: entry(
    "internal",
    (c: { problem: string }) => `The database cannot be migrated: ${c.problem}.`,
    () =>
      "Use the version of Earnest that wrote it, or a newer one; to begin anew, name another folder with --data, or forget all with `npm start -- --fresh`.",
  ),
  SERVER_UNAVAILABLE: entry(
    "unavailable",
    (c: { url: string; problem: string }) => `The server at ${c.url} does not answer: ${c.problem}.`,
    () => "Start one with `npm start`, or name another with --server.",
  ),
  CHAIN_UNAVAILABLE: entry(
    "unavailable",
    (c: { url: string; problem: string }) => `The chain at ${c.url} does not answer: ${c.problem}.`,
    () => "Wait, or configure another RPC; nothing that was earned is lost.",
  ),
  TRANSACTION_FAILED: entry(
    "conflict",
    (c: { signature: string; problem: string }) => `The transaction ${c.signature} failed: ${c.problem}.`,
    () => "Look at its logs with getTransaction.",
  ),
  CLUSTER_MISMATCH: entry(
    "conflict",
    (c: { url: string; found: string; expected: string }) =>
      `The chain at ${c.url} is the cluster ${c.found}, not ${c.expected}.`,
    () => "Give the RPC URL of the right cluster; this network's money is not on the other one.",
  ),
  PROGRAM_NOT_FOUND: entry(
    "notFound",
    (c: { program: string; url: string }) => `There is no escrow program at ${c.program} on the chain at ${c.url}.`,
    () => "Deploy program/earnest.so there, or name the address at which it is deployed.",
  ),
  PROGRAM_MISMATCH: entry(
    "conflict",
    (c: { program: string; found: string; expected: string }) =>
      `The program at ${c.program} has the SHA-256 ${c.found}, not ${c.expected}.`,
    () => "Do not send money to it; use the version of Earnest that belongs to the deployed program.",
  ),
  PROGRAM_FILE_MISMATCH: entry(
    "internal",
    (c: { found: string; expected: string }) =>
      `The file program/earnest.so has the SHA-256 ${c.found}, not ${c.expected}.`,
    () => "Install Earnest again, or build the program with `npm run program:build`.",
  ),
  PROGRAM_REFUSED: entry(
    "conflict",
    (c: { error: string; meaning: string; mend?: string }) =>
      `The escrow program refused it (${c.error}): ${c.meaning}.`,
    (c) => c.mend ?? "Read the accounts again, compare the program's hash, and report it if they are right.",
  ),
  ESCROW_ACCOUNT_NOT_FOUND: entry(
    "notFound",
    (c: { kind: string; address: string }) => `There is no ${c.kind} of the escrow program at ${c.address}.`,
    () => "Compare address, cluster and program; what was just created shows once it is confirmed.",
  ),
  ESCROW_TERMS_MISMATCH: entry(
    "conflict",
    (c: { kind: string; address: string; field: string; found: string; expected: string }) =>
      `The ${c.kind} ${c.address} has ${c.field} ${c.found} on chain, not ${c.expected}.`,
    (c) => `Configure what the ${c.kind} was created with, or create another; terms on chain do not change.`,
  ),
  LAMPORTS_INSUFFICIENT: entry(
    "insufficient",
    (c: { payer: string; needed: string }) => `The wallet ${c.payer} has too little SOL: ${c.needed}.`,
    (c) => `Send SOL to ${c.payer} and repeat it.`,
  ),
  SPONSOR_INSUFFICIENT: entry(
    "insufficient",
    (c: { sponsor: string; held: string; needed: string }) =>
      `The sponsor ${c.sponsor} has ${c.held} lamports; opening a token account takes ${c.needed}.`,
    (c) => `Send SOL to ${c.sponsor}; who waits stays in the queue, and nothing that was earned is lost.`,
  ),
  TOKENS_INSUFFICIENT: entry(
    "insufficient",
    (c: { account: string }) => `The token account ${c.account} holds too little, or is not there.`,
    () => "Pay from another token account, or send it tokens first.",
  ),
  TRANSACTION_EXPIRED: entry(
    "conflict",
    (c: { signature: string }) =>
      `The transaction ${c.signature} expired before a block took it, and never will be taken.`,
    () => "Repeat it; on a busy cluster allow a higher priority fee.",
  ),
  TRANSFER_REFUSED: entry(
    "forbidden",
    (c: { to: string; reason: string; problem: string }) => `Tokens are not sent to ${c.to}: ${c.problem}.`,
    () => "Name the address of another wallet.",
  ),
  WITHDRAWAL_REFUSED: entry(
    "forbidden",
    (c: { reason: string; problem: string; mend?: string }) => `The network does not pay for this now: ${c.problem}.`,
    (c) => c.mend ?? "Try again tomorrow, or send the tokens from a wallet that has SOL for the fee.",
  ),
  DEPOSIT_REFUSED: entry(
    "forbidden",
    (c: { reason: string; problem: string }) => `The network does not pay for this deposit: ${c.problem}.`,
    () => "Pay in from a wallet that has SOL for the fee (earnest markets deposit), or try again tomorrow.",
  ),
  WITHDRAWAL_NOT_FOUND: entry(
    "notFound",
    (c: { withdrawal: string }) => `You have no withdrawal ${c.withdrawal}.`,
    () => "List yours with GET /v1/me/withdrawals; a newer plan replaces one that was not signed.",
  ),
  WITHDRAWAL_STATE: entry(
    "conflict",
    (c: { withdrawal: string; state: string }) => `The withdrawal ${c.withdrawal} is ${c.state}.`,
    (c) =>
      c.state === "sent" ? "Wait until it has ended, a minute at most." : "Plan it again, and sign within a minute.",
  ),
  SAVED_KEY_NOT_FOUND: entry(
    "notFound",
    (c: { id: string }) => `No key was saved here under ${c.id}.`,
    () => "Try the passkey that the key was saved with, or open the recovery file.",
  ),
  PAYING_ADDRESS_STATE: entry(
    "conflict",
    (_: Record<never, never>) => "You have not taken part in any market yet, so there is nothing to be paid elsewhere.",
    () => "Answer a first task; then set the address. Until then you are paid at the key that you sign in with.",
  ),
  COMMIT_EXPIRED_STATE: entry(
    "conflict",
    (c: { epoch: string; validUntil: string }) =>
      `The message of epoch ${c.epoch} was valid until ${c.validUntil} (seconds since 1970), and no commit has it.`,
    () => "Cut the epoch again and have the new message signed.",
  ),
  COMMIT_NOT_FOUND: entry(
    "notFound",
    (c: { digest: string }) => `No commit message of this network has the digest ${c.digest}, or its leaves are gone.`,
    () => "List the commits with GET /v1/commits; attestors keep the leaf files of older ones.",
  ),
  COMMIT_MISMATCH: entry(
    "conflict",
    (c: { pool: string; epoch: string }) =>
      `The pool ${c.pool} has another commit of epoch ${c.epoch} than this message.`,
    () => "Read the pool and its leaf file again: somebody else sent a commit that attestors signed.",
  ),
  PIN_MISMATCH: entry(
    "conflict",
    (c: { what: string; found: string; pinned: string; path: string }) =>
      `It was set up for another network: ${c.what} is ${c.found} now, and was pinned as ${c.pinned} in ${c.path}.`,
    () => "Find out who changed it, and why. To attest for another network, use a folder of its own: --data DIR.",
  ),
  LEAF_NOT_FOUND: entry(
    "notFound",
    (c: { who: string; epoch: string }) => `Nobody of the name ${c.who} has a leaf in epoch ${c.epoch}.`,
    () => "Check the key. Work that was accepted since then has a leaf from the next commit on.",
  ),
  ...tokenErrors,
  INTERNAL: entry(
    "internal",
    (c: { requestId: string }) => `Something went wrong that should not (request ${c.requestId}).`,
    () => "Try again; if it stays, report the request id.",
  ),
  // biome-ignore lint/suspicious/noExplicitAny: each entry has its own context; ErrorContext recovers it
} satisfies Record<string, Entry<any>>;

export type ErrorCode = keyof typeof catalogue;

export type ErrorContext<Code extends ErrorCode> = Parameters<(typeof catalogue)[Code]["what"]>[0];
