import type account from "../messages/account/en.json";
import type console from "../messages/console/en.json";
import en from "../messages/en.json";
import type node from "../messages/node/en.json";
import type refusals from "../messages/refusals/en.json";
import { settings } from "./settings.ts";
import { Store } from "./store.ts";

/**
 * What the page says. Every text has a key in `messages/en.json`; the other languages have the same keys, which
 * `npm run tidy` checks, and are loaded when they are chosen.
 */
export type MessageKey =
  | keyof typeof en
  | keyof typeof account
  | keyof typeof console
  | keyof typeof node
  | keyof typeof refusals;
/** A text with `{names}` in it, or one for each of the language's plural forms, chosen by `count`. */
export type Message = string | { readonly [Form in Intl.LDMLPluralRule]?: string };
export type Messages = Readonly<Record<string, Message>>;
export type Values = Readonly<Record<string, string | number>>;

export const languages = {
  en: "English",
  es: "Español",
  pt: "Português",
  fr: "Français",
  hi: "हिन्दी",
  ar: "العربية",
  zh: "中文",
  id: "Bahasa Indonesia",
} as const;
export type Language = keyof typeof languages;

const rightToLeft: ReadonlySet<Language> = new Set(["ar"]);

/** Loads the texts of each language but English, which is there. */
export type Loaders = Readonly<Record<Exclude<Language, "en">, () => Promise<{ default: Messages }>>>;
const loaders: Loaders = {
  es: () => import("../messages/es.json"),
  pt: () => import("../messages/pt.json"),
  fr: () => import("../messages/fr.json"),
  hi: () => import("../messages/hi.json"),
  ar: () => import("../messages/ar.json"),
  zh: () => import("../messages/zh.json"),
  id: () => import("../messages/id.json"),
};

/** What there is to say: the texts of every screen, and those of screens that were loaded later. */
const texts: { readonly english: Messages; readonly loaders: Loaders }[] = [{ english: en, loaders }];

export const isMessageKey = (text: string): text is MessageKey =>
  texts.some(({ english }) => Object.hasOwn(english, text));
export const isLanguage = (text: string): text is Language => Object.hasOwn(languages, text);

interface Spoken {
  readonly language: Language;
  readonly messages: Messages;
}

export const spoken = new Store<Spoken>({ language: "en", messages: en });

/** The first of the browser's languages that there is, unless one was chosen here. */
export function preferredLanguage(): Language {
  const chosen = settings.value.language;
  const wanted = chosen === "auto" ? navigator.languages : [chosen];
  return wanted.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

/** Loads a language and speaks it. One that cannot be loaded, offline for instance, changes nothing. */
export async function speak(language: Language): Promise<void> {
  try {
    const said = await Promise.all(texts.map((part) => wordsOf(part, language)));
    document.documentElement.lang = language;
    document.documentElement.dir = rightToLeft.has(language) ? "rtl" : "ltr";
    spoken.set({ language, messages: Object.assign({}, ...said) as Messages });
  } catch {
    // The texts that are there stay.
  }
}

const wordsOf = async (part: (typeof texts)[number], language: Language): Promise<Messages> =>
  language === "en" ? part.english : (await part.loaders[language]()).default;

/** Adds the texts of a screen that was loaded later. Those that cannot be loaded are said in English. */
export async function addWords(english: Messages, own: Loaders): Promise<void> {
  if (texts.some((part) => part.english === english)) return;
  const part = { english, loaders: own };
  texts.push(part);
  const { language } = spoken.value;
  const words = await wordsOf(part, language).catch(() => english);
  // Another language may have been chosen meanwhile; then it has these texts already.
  if (spoken.value.language === language) spoken.update((now) => ({ ...now, messages: { ...words, ...now.messages } }));
}

/** A text in the language that is spoken now. */
export function t(key: MessageKey, values: Values = {}): string {
  const { language, messages } = spoken.value;
  const message = messages[key] ?? inEnglish(key);
  return filled(typeof message === "string" ? message : formOf(message, language, values), language, values);
}

const inEnglish = (key: MessageKey): Message =>
  texts.map(({ english }) => english[key]).find((message) => message !== undefined) ?? key;

function formOf(message: Exclude<Message, string>, language: Language, { count }: Values): string {
  const form = new Intl.PluralRules(language).select(Number(count));
  return message[form] ?? message.other ?? "";
}

const filled = (text: string, language: Language, values: Values): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === "number" ? numberFormat(language).format(value) : (value ?? "");
  });

const formats = new Map<string, Intl.NumberFormat>();
function numberFormat(language: Language, digits = 6): Intl.NumberFormat {
  const key = `${language} ${digits}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, { maximumFractionDigits: digits });
  formats.set(key, format);
  return format;
}

/** A token amount as the API writes it, in the language's own digits and separators. */
export const amountText = (amount: string, digits = 6): string =>
  numberFormat(spoken.value.language, digits).format(amount as `${number}`);

export const numberText = (value: number, digits = 0): string =>
  numberFormat(spoken.value.language, digits).format(value);

/** As near as it matters: metres, or kilometres to the tenth. */
export function distanceText(mm: number): string {
  const metres = mm / 1_000;
  const [unit, value] = metres < 1_000 ? ["meter", Math.round(metres)] : ["kilometer", metres / 1_000];
  const digits = unit === "meter" || value >= 100 ? 0 : 1;
  const { language } = spoken.value;
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: digits }).format(value);
}

/** What a language or country is called in the language that is spoken; its code where that is none. */
export function nameOf(code: string, type: "language" | "region"): string {
  try {
    return new Intl.DisplayNames(spoken.value.language, { type }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A name or an amount that keeps its own direction, whichever way the sentence runs. */
export const apart = (text: string): string => `\u2068${text}\u2069`;

export const timeText = (timeMs: number): string =>
  timeFormat({ dateStyle: "medium", timeStyle: "short" }).format(timeMs);

/** When a stretch of time begins and ends, so that the two can be told apart: the day once, seconds where it is short. */
export function endTexts(beginMs: number, endMs: number): readonly [begin: string, end: string] {
  const timeStyle = endMs - beginMs < secondsShownMs ? "medium" : "short";
  const isOneDay = new Date(beginMs).toDateString() === new Date(endMs).toDateString();
  const whole = timeFormat({ dateStyle: "medium", timeStyle });
  return [whole.format(beginMs), (isOneDay ? timeFormat({ timeStyle }) : whole).format(endMs)];
}

const secondsShownMs = 3_600_000;

/** Days and hours as they are written where the browser is, in the digits of everything else on the page. */
function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { language } = spoken.value;
  const regional = navigator.languages.find((each) => each.slice(0, 2).toLowerCase() === language) ?? language;
  const { numberingSystem } = new Intl.NumberFormat(language).resolvedOptions();
  return new Intl.DateTimeFormat(regional, { ...options, numberingSystem });
}

/** "4:05", or "1:02:03": how long something takes or is left. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
