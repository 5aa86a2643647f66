/**
 * The way into every npm script: `node scripts/run.mjs TARGET …` installs, builds and then runs the target.
 *
 * This file must load on any Node that knows modules, so that an old one gets a sentence instead of a syntax error:
 * nothing newer than Node 12 may stand here, and everything else is imported only after the check.
 */
const wanted = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  process.stderr.write(
    `Earnest needs Node.js ${wanted.join(".")} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      "Install a current one from https://nodejs.org (or: nvm install 24, fnm install 24, volta install node@24),\n" +
      "open a new terminal and repeat the command.\n",
  );
  process.exit(1);
} else {
  import("./run/main.mjs")
    .then((module) => module.main(process.argv.slice(2)))
    .catch((error) => {
      process.stderr.write(`${error instanceof Error && error.stack ? error.stack : error}\n`);
      process.exit(1);
    });
}
