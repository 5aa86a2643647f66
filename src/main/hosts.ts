/** This machine alone. */
export const loopback = "127.0.0.1";

/** Every IPv4 address of this machine. */
export const anyAddress = "0.0.0.0";

/** The same address by this machine's name: browsers give passkeys to names, not to numbers. */
export const byName = (url: string): string => url.replace(`//${loopback}:`, "//localhost:");
