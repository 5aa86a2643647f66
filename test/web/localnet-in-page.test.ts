import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestLocalnet, type TestLocalnet } from "../../src/rails/localnet/fixture.ts";
import { browserPath, launch } from "../support/browser.ts";
import { bundled } from "../support/bundle.ts";

/**
 * What a browser's wallet does, in a browser: the same script as in a shell, with an unmodified kit, in a page of another
 * origin than the node's.
 */

const script = fileURLToPath(new URL("../../examples/kit.mjs", import.meta.url));
let net: TestLocalnet;
let pages: Server;
let browser: Browser;

beforeAll(async () => {
  if (browserPath === null) return;
  net = await startTestLocalnet();
  const code = await bundled(script);
  pages = createServer(({ url }, response) => {
    const isScript = url === "/kit.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? code : "<!doctype html><title>A wallet</title>");
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  pages?.close();
  await net?.close();
  net?.remove();
});

it.skipIf(browserPath === null)(
  "a page is funded, sends, confirms by websocket, and reads it back",
  {
    timeout: 90_000,
  },
  async () => {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(`${message.type() === "log" ? "" : "!"}${message.text()}`));
    page.on("pageerror", (error) => said.push(`! ${error.message}`));
    await page.goto(`http://localhost:${(pages.address() as AddressInfo).port}/`);
    // What the script asks of the shell that it runs in elsewhere.
    await page.evaluate(
      (argv) => Object.assign(globalThis, { process: { env: {}, argv, exit: () => console.log("exit") } }),
      ["", "", net.rpcUrl, net.wsUrl],
    );
    await page.addScriptTag({ url: "/kit.js", type: "module" });
    await expect.poll(() => said.at(-1), { timeout: 60_000 }).toBe("exit");
    expect(said).toEqual([
      expect.stringMatching(/^cluster \w{32,44}, slot \d+$/),
      expect.stringMatching(/^me +\w{32,44} +2 SOL$/),
      expect.stringMatching(/^friend +\w{32,44} +0 SOL$/),
      expect.stringMatching(/^sent \w{64,88} in slot \d+, for a fee of 5000 lamports$/),
      "system transfer",
      expect.stringMatching(/^me +\w{32,44} +1\.499995 SOL$/),
      expect.stringMatching(/^friend +\w{32,44} +0\.5 SOL$/),
      "friend has 0 kinds of tokens",
      "exit",
    ]);
  },
);
