import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startTestLocalnet } from "./fixture.ts";

const example = fileURLToPath(new URL("../../../examples/kit.mjs", import.meta.url));

it("examples/kit.mjs uses a localnet as it would a cluster", async () => {
  const net = await startTestLocalnet();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [example, net.rpcUrl, net.wsUrl]);
    expect(stdout.replace(/[1-9A-HJ-NP-Za-km-z]{32,}/g, "KEY")).toMatch(
      new RegExp(
        [
          "^cluster KEY, slot \\d+",
          "me +KEY +2 SOL",
          "friend KEY +0 SOL",
          "sent KEY in slot \\d+, for a fee of 5000 lamports",
          "system transfer",
          "me +KEY +1.499995 SOL",
          "friend KEY +0.5 SOL",
          "friend has 0 kinds of tokens\n$",
        ].join("\n"),
      ),
    );
  } finally {
    await net.close();
    net.remove();
  }
});
