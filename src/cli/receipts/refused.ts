/** Why a receipt is not good. */
export class Refused extends Error {}

/** Why something is no receipt at all, where a receipt should stand. */
export class NoReceipt extends Refused {}

export function refuse(reason: string): never {
  throw new Refused(reason);
}
