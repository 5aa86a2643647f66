import type { Random } from "../../crash/random.ts";
import type { Chain } from "../chain/chain.ts";
import type { Database } from "../database/database.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Trace } from "./trace.ts";
import type { Weather } from "./weather.ts";

/** What everybody in a simulated world lives in. */
export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly database: Database;
  readonly chain: Chain;
  readonly weather: Weather;
  readonly trace: Trace;
  /** Whether nobody begins anything new. */
  isEnding: boolean;
}
