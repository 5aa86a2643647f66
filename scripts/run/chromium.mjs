import { existsSync } from "node:fs";
import { runChild } from "./child.mjs";
import { say } from "./paths.mjs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const aptGet = "/usr/bin/apt-get";

/**
 * The pages are tested in a real browser. In CI, as root on Debian, it is installed where it is missing; nobody else's
 * machine is touched, and without one the tests say that they left the pages out.
 */
export async function ensureChromium() {
  if (process.env.EARNEST_CHROMIUM !== undefined || places.some((place) => existsSync(place))) return;
  if (process.env.CI !== "true" || process.getuid?.() !== 0 || !existsSync(aptGet)) return;
  say("installing Chromium for the tests of the pages …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { output: "stderr", env };
  const update = await runChild(aptGet, ["update", "-qq"], options);
  const code =
    update === 0
      ? await runChild(aptGet, ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options)
      : update;
  if (code !== 0) say("Chromium could not be installed; the pages are not tested in a browser");
}
