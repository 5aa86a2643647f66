/**
 * For the Node that runs a node and nothing else. What lives for a moment gets 6 MiB instead of 48: a node that has been
 * at work for weeks is then no larger than one that has just begun.
 */
export const nodeFlags = ["--max-semi-space-size=2"] as const;
