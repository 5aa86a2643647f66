import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { encode } from "uqr";
import type { Output } from "../cli/output.ts";

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Of containers, tunnels and virtual machines: a phone is seldom there. */
const virtual = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|wg|zt|tailscale)/;
const privateRange = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/** The addresses at which others in a network may reach this machine, the one a phone most likely shares first. */
export function lanAddresses(interfaces: Interfaces = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.flatMap(({ address, family, internal }) => (internal || family !== "IPv4" ? [] : [{ name, address }])),
  );
  const rank = ({ name, address }: (typeof found)[number]): number =>
    (virtual.test(name) ? 2 : 0) + (privateRange.test(address) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).map(({ address }) => address);
}

/** Says where a phone finds the page, with a code for its camera, and what it cannot do there. */
export function inviteToLan(output: Output, urls: readonly string[]): void {
  const [first, ...others] = urls;
  if (first === undefined) {
    output.line("  This machine has no address in a network, so that only itself reaches the page.");
    return;
  }
  const { colours } = output;
  const paper = (row: string): string => colours.bgWhiteBright(colours.black(row));
  for (const row of qrRows(first, colours.isColorSupported)) output.line(`  ${paper(row)}`);
  output.line(`  A phone in the same network: ${colours.bold(first)}`);
  for (const url of others) output.line(`                           or: ${url}`);
  output.line(
    "  It is HTTP: whoever shares the network can read and change what is sent, so try, but do not keep much there.",
  );
  output.line(
    "  Earning works, with a key that a script could read. HTTPS is needed for passkeys, for keys that cannot be",
  );
  output.line("  read, for installing the page, for starting it without a connection, and for notifications.");
}

const border = 2;
const corners = [" ", "▄", "▀", "█"] as const;

/**
 * A QR code with two rows of its squares in a line of text. On a terminal that cannot be told its colours, what is light
 * is drawn, as such terminals mostly are dark.
 */
export function qrRows(text: string, isOnPaper: boolean): string[] {
  const { data } = encode(text, { border });
  const isDrawn = (square: boolean | undefined): boolean => square !== undefined && square === isOnPaper;
  const rows: string[] = [];
  for (let y = 0; y < data.length; y += 2) {
    const [upper = [], lower = []] = [data[y], data[y + 1]];
    rows.push(upper.map((square, x) => corners[(isDrawn(square) ? 2 : 0) + (isDrawn(lower[x]) ? 1 : 0)]).join(""));
  }
  return rows;
}
