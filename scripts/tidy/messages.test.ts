import { describe, expect, it } from "vitest";
import { messages } from "./messages.ts";
import { repositoryOf } from "./repository.ts";

const code = `t("a.one"); t("a.many"); t(\`b.\${each}\`);`;
const english = {
  "a.one": "Hello {name}",
  "a.many": { one: "{count} task", other: "{count} tasks" },
  "b.x": "X",
};

const found = (texts: Readonly<Record<string, unknown>>): string[] => {
  const files = Object.entries({ en: english, ...texts }).map(([language, own]) => [
    `web/messages/${language}.json`,
    JSON.stringify(own, null, 2),
  ]);
  const repository = repositoryOf({ ...Object.fromEntries(files), "web/source/a.tsx": code });
  return [...messages.check(repository)].map(({ path, found: what }) => `${path.slice(13)}: ${what}`);
};

describe("messages", () => {
  it("are fine where every language says everything", () => {
    const polish = { one: "{count}", few: "{count}", other: "{count}" };
    expect(found({ pl: { ...english, "a.many": polish }, zh: { ...english, "a.many": { other: "{count}" } } })).toEqual(
      [],
    );
  });

  it("are missed, and so are their names and forms", () => {
    const { "a.one": _left, ...rest } = english;
    expect(found({ es: rest })).toEqual(['es.json: no text for "a.one"']);
    expect(found({ es: { ...english, "a.one": "Hola {nombre}" } })).toEqual(['es.json: "a.one" with {nombre}']);
    expect(found({ ar: { ...english, "a.many": { one: "واحدة", other: "{count}" } } }).sort()).toEqual(
      ["few", "many", "two", "zero"].map((form) => `ar.json: "a.many" has no form "${form}"`),
    );
    expect(found({ es: { ...english, "a.many": "{count} tareas" } })).toEqual([
      'es.json: "a.many" is of the other sort',
    ]);
  });

  it("are refused where nothing says them", () => {
    expect(found({ es: { ...english, "a.two": "?" } })).toEqual(['es.json: the key "a.two"']);
    expect(found({ en: { ...english, "a.three": "?" } })).toEqual(['en.json: "a.three", which nothing says']);
  });

  it("are looked at in every folder, each by its own English", () => {
    const repository = repositoryOf({
      "web/messages/en.json": JSON.stringify(english),
      "web/messages/es.json": JSON.stringify(english),
      "web/messages/later/en.json": JSON.stringify({ "b.y": "Y" }),
      "web/messages/later/es.json": JSON.stringify({}),
      "web/source/a.tsx": code,
    });
    const all = [...messages.check(repository)].map(({ path, found: what }) => `${path}: ${what}`);
    expect(all).toEqual(['web/messages/later/es.json: no text for "b.y"']);
  });
});
