import { addArchives } from "./commands/archives.ts";
import { addAsk } from "./commands/ask.ts";
import { addBalance } from "./commands/balance.ts";
import { addChallenges } from "./commands/challenges.ts";
import { addCheck } from "./commands/check.ts";
import { addClaim } from "./commands/claim.ts";
import { addCompute } from "./commands/compute.ts";
import { addConfig } from "./commands/config.ts";
import { addContributors } from "./commands/contributors.ts";
import { addControls } from "./commands/controls.ts";
import { addEnergy } from "./commands/energy.ts";
import { addEstimate } from "./commands/estimate.ts";
import { addInfer } from "./commands/infer.ts";
import { addKeys } from "./commands/keys.ts";
import { addKinds } from "./commands/kinds.ts";
import { addLog } from "./commands/log.ts";
import { addLogin } from "./commands/login.ts";
import { addMarkets } from "./commands/markets.ts";
import { addNear } from "./commands/near.ts";
import { addOverlap } from "./commands/overlap.ts";
import { addReceipts } from "./commands/receipts.ts";
import { addRefund } from "./commands/refund.ts";
import { addReplay } from "./commands/replay.ts";
import { addResults } from "./commands/results.ts";
import { addReview } from "./commands/review.ts";
import { addTasks } from "./commands/tasks.ts";
import { addTests } from "./commands/tests.ts";
import { addToken } from "./commands/token.ts";
import { addVerdicts } from "./commands/verdicts.ts";
import { addVerify } from "./commands/verify.ts";
import { addWatch } from "./commands/watch.ts";
import { addWindDown } from "./commands/wind-down.ts";
import { addWithdraw } from "./commands/withdraw.ts";
import { addWork } from "./commands/work.ts";
import type { CommandGroup } from "./options.ts";

/** In the order of the help. */
export const builtInCommands: readonly CommandGroup[] = [
  {
    heading: "Ask for work",
    commands: [
      addAsk,
      addMarkets,
      addCheck,
      addEstimate,
      addTasks,
      addTests,
      addControls,
      addContributors,
      addWatch,
      addReview,
      addResults,
      addArchives,
      addCompute,
    ],
  },
  { heading: "Work and earn", commands: [addWork, addNear, addVerdicts, addChallenges, addBalance, addWithdraw] },
  { heading: "What is true, from files", commands: [addInfer, addOverlap, addEnergy, addKinds, addVerify] },
  { heading: "Check what happened", commands: [addReceipts, addLog, addReplay] },
  { heading: "Money, also without the operator", commands: [addToken, addClaim, addRefund, addWindDown] },
  { heading: "Who you are", commands: [addLogin, addKeys, addConfig] },
];
