/** This machine alone. */
export const loopback = "127.0.0.1";

/** Every IPv4 address of this machine. */
export const anyAddress = "0.0.0.0";
