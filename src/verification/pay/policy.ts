/**
 * What a market sets for its rule of pay. Log-odds are in thousandths of a nat, probabilities in parts per million: a
 * verdict compares integers.
 */
export interface PayPolicy {
  /** From these log-odds of being informative on, a contributor is proven: paid as tasks settle. */
  readonly provenMillinats: number;
  /** And has answered so many control tasks: peers alone could be a ring that vouches for its own. */
  readonly controlsMin: number;
  /** From these log-odds on downwards a contributor is uninformative: not paid, and without a vote. */
  readonly uninformativeMillinats: number;
  /** When no more evidence can come, whoever is in between is paid from these log-odds on. */
  readonly closingMillinats: number;
  /** A label is awaited until the votes of the proven alone give it this probability. */
  readonly groundPpm: number;
  /** An answer against a decided label is paid from this probability of its own on. */
  readonly doubtPpm: number;
}

export const defaultPayPolicy: PayPolicy = {
  provenMillinats: 4_000,
  controlsMin: 2,
  uninformativeMillinats: -10_000,
  closingMillinats: 0,
  groundPpm: 500_000,
  doubtPpm: 10_000,
};
