import type { CommandGroup } from "./options.ts";

/** In the order of the help. */
export const builtInCommands: readonly CommandGroup[] = [
  {
    heading: "Ask for work",
    commands: {
      ask: async () => (await import("./commands/ask.ts")).addAsk,
      markets: async () => (await import("./commands/markets.ts")).addMarkets,
      check: async () => (await import("./commands/check.ts")).addCheck,
      estimate: async () => (await import("./commands/estimate.ts")).addEstimate,
      tasks: async () => (await import("./commands/tasks.ts")).addTasks,
      tests: async () => (await import("./commands/tests.ts")).addTests,
      controls: async () => (await import("./commands/controls.ts")).addControls,
      contributors: async () => (await import("./commands/contributors.ts")).addContributors,
      watch: async () => (await import("./commands/watch.ts")).addWatch,
      review: async () => (await import("./commands/review.ts")).addReview,
      results: async () => (await import("./commands/results.ts")).addResults,
      archives: async () => (await import("./commands/archives.ts")).addArchives,
      compute: async () => (await import("./commands/compute.ts")).addCompute,
    },
  },
  {
    heading: "Work and earn",
    commands: {
      work: async () => (await import("./commands/work.ts")).addWork,
      near: async () => (await import("./commands/near.ts")).addNear,
      return: async () => (await import("./commands/return.ts")).addReturn,
      verdicts: async () => (await import("./commands/verdicts.ts")).addVerdicts,
      challenges: async () => (await import("./commands/challenges.ts")).addChallenges,
      balance: async () => (await import("./commands/balance.ts")).addBalance,
      withdraw: async () => (await import("./commands/withdraw.ts")).addWithdraw,
    },
  },
  {
    heading: "What is true, from files",
    commands: {
      infer: async () => (await import("./commands/infer.ts")).addInfer,
      overlap: async () => (await import("./commands/overlap.ts")).addOverlap,
      energy: async () => (await import("./commands/energy.ts")).addEnergy,
      kinds: async () => (await import("./commands/kinds.ts")).addKinds,
      verify: async () => (await import("./commands/verify.ts")).addVerify,
    },
  },
  {
    heading: "Check what happened",
    commands: {
      receipts: async () => (await import("./commands/receipts.ts")).addReceipts,
      log: async () => (await import("./commands/log.ts")).addLog,
      replay: async () => (await import("./commands/replay.ts")).addReplay,
    },
  },
  {
    heading: "Money, also without the operator",
    commands: {
      token: async () => (await import("./commands/token.ts")).addToken,
      claim: async () => (await import("./commands/claim.ts")).addClaim,
      refund: async () => (await import("./commands/refund.ts")).addRefund,
      "wind-down": async () => (await import("./commands/wind-down.ts")).addWindDown,
    },
  },
  {
    heading: "Who you are",
    commands: {
      login: async () => (await import("./commands/login.ts")).addLogin,
      keys: async () => (await import("./commands/keys.ts")).addKeys,
      config: async () => (await import("./commands/config.ts")).addConfig,
    },
  },
];
