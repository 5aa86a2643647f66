import { earnestError } from "../core/errors.ts";
import type { Requirement } from "./spec.ts";
import { dayMs } from "./spec.ts";
import type { Facts, Member } from "./state.ts";

/** @throws NOT_ELIGIBLE naming the first requirement that is not met. */
export function requireEligible(requirements: readonly Requirement[], member: Member, timeMs: number): void {
  const unmet = requirements.find((requirement) => !meets(requirement, member, timeMs));
  if (unmet !== undefined) throw earnestError("NOT_ELIGIBLE", { requirement: describe(unmet) });
}

/** Everything that keeps a member from a task. */
export const unmetRequirements = (
  requirements: readonly Requirement[],
  member: Member,
  timeMs: number,
): readonly Requirement[] => requirements.filter((requirement) => !meets(requirement, member, timeMs));

export function isEligible(requirements: readonly Requirement[], member: Member, timeMs: number): boolean {
  return requirements.every((requirement) => meets(requirement, member, timeMs));
}

function meets(requirement: Requirement, { facts, qualifications, automated }: Member, timeMs: number): boolean {
  switch (requirement.type) {
    case "qualification": {
      const held = qualifications.get(requirement.name);
      return (
        held !== undefined && held.value >= requirement.min && (held.expiresAtMs === 0 || timeMs < held.expiresAtMs)
      );
    }
    case "language":
      return facts.languages.some((language) => requirement.anyOf.includes(language));
    case "country":
      return facts.country !== null && requirement.anyOf.includes(facts.country);
    case "age":
      return facts.birthYear !== null && certainAge(facts.birthYear, timeMs) >= requirement.min;
    case "place":
      return inPlace(facts, requirement.anyOf);
    case "person":
      return !automated;
  }
}

/** The age somebody born in this year has for certain, by the mean length of a Gregorian year. */
const certainAge = (birthYear: number, timeMs: number): number =>
  1970 + Math.floor(timeMs / (365.2425 * dayMs)) - birthYear - 1;

/** A place is named by the leading characters of its cell: a longer cell lies inside a shorter one. */
const inPlace = ({ place }: Facts, anyOf: readonly string[]): boolean =>
  place !== null && anyOf.some((cell) => place.startsWith(cell));

/** As the rest of "the task asks for …". */
export function describe(requirement: Requirement): string {
  switch (requirement.type) {
    case "qualification":
      return `the qualification "${requirement.name}" with at least ${requirement.min}`;
    case "age":
      return `an age of at least ${requirement.min} years`;
    case "person":
      return "a person: programs that say they are some may not take part";
    default:
      return `a ${requirement.type} among ${requirement.anyOf.slice(0, 10).join(", ")}`;
  }
}
