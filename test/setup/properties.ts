import fc from "fast-check";

/**
 * `npm test` draws the same cases each time, so that a change is judged by what it changed. `npm run test:explore` draws
 * new ones; what it finds becomes a case of its own beside the property.
 *
 * A failed property ends at once and prints its seed and path. Shrinking the life of a market takes many minutes in which
 * no test timeout can interrupt it: whoever mends the failure passes the seed, the path and `endOnFailure: false`.
 */
const { EARNEST_EXPLORE } = process.env;
fc.configureGlobal({ endOnFailure: true, ...(EARNEST_EXPLORE === undefined ? { seed: 20_261_122 } : {}) });
