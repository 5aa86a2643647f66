import type { Finding, Repository, Rule, SourceFile } from "./repository.ts";

type Message = string | { readonly [form: string]: string };
type Messages = Readonly<Record<string, Message>>;

const folder = "web/messages/";
const original = "en.json";

/**
 * What the pages say in every language, in each folder of texts: the same keys as in English, the same names in braces,
 * every plural form that the language has; and no text that nothing says.
 */
export const messages: Rule = {
  name: "messages",
  *check(repository) {
    const texts = repository.files.filter(({ path }) => path.startsWith(folder) && path.endsWith(".json"));
    for (const english of texts.filter(({ path }) => path.endsWith(`/${original}`))) {
      const own = english.path.slice(0, -original.length);
      const wanted = JSON.parse(english.text) as Messages;
      for (const file of texts) {
        const name = file.path.startsWith(own) ? file.path.slice(own.length) : "/";
        if (!name.includes("/")) yield* inLanguage(file, name.slice(0, -".json".length), wanted, english.path);
      }
      yield* unused(repository, english, wanted);
    }
  },
};

function* inLanguage(file: SourceFile, language: string, wanted: Messages, english: string): Iterable<Finding> {
  const found = JSON.parse(file.text) as Messages;
  for (const [key, message] of Object.entries(wanted)) {
    const own = found[key];
    if (own === undefined) yield file.finding(1, `no text for "${key}"`, `translate ${JSON.stringify(message)}`);
    else yield* inMessage(file, language, key, own, message);
  }
  for (const key of Object.keys(found)) {
    if (!Object.hasOwn(wanted, key)) yield file.finding(lineOf(file, key), `the key "${key}"`, `add it to ${english}`);
  }
}

function* inMessage(file: SourceFile, language: string, key: string, own: Message, wanted: Message): Iterable<Finding> {
  const line = lineOf(file, key);
  const [names, named] = [namesIn(wanted), namesIn(own)];
  const differing = [...names, ...named].filter((name) => names.has(name) !== named.has(name));
  // A form for one or two may say so in words.
  const isMissing = differing.some((name) => name !== "count" || typeof own === "string");
  if (isMissing) yield file.finding(line, `"${key}" with {${[...named].join("}, {")}}`, `{${[...names].join("}, {")}}`);
  if ((typeof own === "string") !== (typeof wanted === "string")) {
    yield file.finding(line, `"${key}" is of the other sort`, "a text, or plural forms, as in English");
  }
  if (typeof own === "string") return;
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  // Of some languages a form is for millions alone; "other" says it well enough.
  const missing = forms.filter((form) => form !== "many" || language === "ar").filter((form) => !(form in own));
  for (const form of missing) yield file.finding(line, `"${key}" has no form "${form}"`, `add it: ${language} has one`);
}

const namesIn = (message: Message): Set<string> =>
  new Set(Array.from(JSON.stringify(message).matchAll(/\{(\w+)\}/g), ([, name]) => name as string));

const lineOf = (file: SourceFile, key: string): number =>
  file.lines.findIndex((line) => line.includes(`"${key}":`)) + 1;

function* unused(repository: Repository, english: SourceFile, wanted: Messages): Iterable<Finding> {
  const code = repository.files
    .filter(({ path }) => path.startsWith("web/source/"))
    .map(({ text }) => text)
    .join("\n");
  const dynamic = new Set(Array.from(code.matchAll(/`(\w+\.)\$\{/g), ([, prefix]) => prefix as string));
  for (const key of Object.keys(wanted)) {
    const isMade = dynamic.has(key.slice(0, key.indexOf(".") + 1));
    if (!isMade && !code.includes(`"${key}"`)) {
      yield english.finding(lineOf(english, key), `"${key}", which nothing says`, "delete it in all languages");
    }
  }
}
