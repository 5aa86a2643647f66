/** Why a receipt is not good. */
export class Refused extends Error {}

export function refuse(reason: string): never {
  throw new Refused(reason);
}
