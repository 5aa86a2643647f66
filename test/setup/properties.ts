import fc from "fast-check";

/**
 * A failed property ends at once and prints its seed and path. Shrinking the life of a market takes many minutes in which
 * no test timeout can interrupt it: whoever mends the failure passes the seed, the path and `endOnFailure: false`.
 */
fc.configureGlobal({ endOnFailure: true });
