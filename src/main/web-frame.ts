import { createHash } from "node:crypto";

/**
 * The document in which strangers' markup is shown: of no origin, so that it can reach nothing of ours, with our own few
 * lines of script and style and no others, and pictures from no host but those that its market names.
 */
export const framePath = "/frame.html";

const hostsMax = 10;
const host = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** The policy for such a document, by its text and the hosts that its address asks for. */
export function framePolicyOf(text: string): (query: string) => string {
  const [script, style] = ["script", "style"].map((name) => hashesOf(text, name));
  return (query) => {
    const asked = new URLSearchParams(query).get("hosts")?.split(",") ?? [];
    const hosts = asked.filter((each) => host.test(each)).slice(0, hostsMax);
    return [
      "default-src 'none'",
      `script-src ${script}`,
      `style-src ${style}`,
      `img-src ${hosts.length === 0 ? "'none'" : hosts.map((each) => `https://${each}`).join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      "sandbox allow-scripts",
    ].join("; ");
  };
}

function hashesOf(text: string, name: string): string {
  const blocks = Array.from(text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs")), ([, block = ""]) => block);
  return blocks.map((block) => `'sha256-${createHash("sha256").update(block).digest("base64")}'`).join(" ");
}
