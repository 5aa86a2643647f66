import { startLocalnet } from "./localnet.ts";

/** A localnet in a process of its own, to be killed by tests: prints its addresses and serves. */
const [folder = "", segmentBytes = "1048576"] = process.argv.slice(2);
const { rpcUrl, wsUrl } = await startLocalnet({
  folder,
  rpcPort: 0,
  wsPort: 0,
  clock: Date.now,
  segmentBytes: Number(segmentBytes),
});
process.stdout.write(`${JSON.stringify({ rpcUrl, wsUrl })}\n`);
