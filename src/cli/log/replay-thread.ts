import { parentPort } from "node:worker_threads";
import { isEarnestError } from "../../core/errors.ts";
import { LaneRules } from "./lane-rules.ts";
import { unpackPortion } from "./portion.ts";
import { replayLane } from "./replay-lane.ts";
import type { FromThread, ToThread } from "./replay-threads.ts";
import { wrongOnes } from "./requests.ts";

/** The program of a further thread: it replays whole lanes, or applies the rules to one that another thread reads. */
const rules = new LaneRules();
const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on("message", (message: ToThread) => {
  switch (message.type) {
    case "lane":
      void replayLane(message.source, new LaneRules(), (bytes) => say({ type: "read", bytes })).then(
        (result) => say({ type: "lane", result }),
        (error: unknown) => {
          if (!isEarnestError(error)) throw error;
          say({ type: "refused", code: error.code, context: error.context });
        },
      );
      break;
    case "pass":
      rules.begin(message.pass);
      break;
    case "feed":
      rules.feed(unpackPortion(message.portion));
      say({ type: "fed", isOver: rules.isOver });
      break;
    case "end":
      say({ type: "ended", result: rules.end(message.size) });
      break;
    case "verify":
      say({ type: "verified", wrong: wrongOnes(message.requests) });
  }
});

say({ type: "ready" });
