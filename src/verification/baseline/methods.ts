/** How many days of which sort a baseline is made of. */
export interface DayRule {
  /** So many of the latest similar days are looked at. */
  readonly of: number;
  /** Of these, those with the most use while the event lasts. */
  readonly highest: number;
  /** With fewer there is no baseline. */
  readonly daysMin: number;
}

export interface Method {
  readonly title: string;
  readonly lookBackDays: number;
  readonly weekdays: DayRule;
  /** Saturdays, Sundays and holidays; null where all days are alike. */
  readonly weekends: DayRule | null;
}

/** By the names under which they are published. */
export const methods = {
  caiso10in10: {
    title: "CAISO 10 in 10",
    lookBackDays: 45,
    weekdays: { of: 10, highest: 10, daysMin: 5 },
    weekends: { of: 4, highest: 4, daysMin: 4 },
  },
  aemo10of10AllDays: {
    title: "AEMO 10 of 10, all days",
    lookBackDays: 45,
    weekdays: { of: 10, highest: 10, daysMin: 5 },
    weekends: null,
  },
  pge5in10: {
    title: "PG&E residential 5 in 10",
    lookBackDays: 45,
    weekdays: { of: 10, highest: 5, daysMin: 10 },
    weekends: { of: 5, highest: 3, daysMin: 5 },
  },
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as readonly MethodName[];
