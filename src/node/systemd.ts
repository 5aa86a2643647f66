/** What a node may take of the machine. */
interface Shares {
  readonly isComputing: boolean;
  readonly processorPercent: number;
}

/** A unit of systemd that runs a node for the person who installs it, and may write to one folder. */
export const unitText = (
  program: readonly string[],
  folder: string,
  { isComputing, processorPercent }: Shares,
): string => `[Unit]
Description=Earnest node
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${program.map(quoted).join(" ")}
Restart=always
RestartSec=10
Nice=10
MemoryMax=${isComputing ? "1G" : "256M"}
CPUQuota=${isComputing ? processorPercent + 20 : 50}%
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ReadWritePaths=${quoted(folder)}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

[Install]
WantedBy=default.target
`;

/** As systemd reads words: in quotes, its own signs doubled. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) && !word.includes("%")
    ? word
    : `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
