import { Store } from "./store.ts";

export interface Settings {
  /** "auto" takes the browser's. */
  readonly language: string;
  readonly theme: "auto" | "light" | "dark";
  /** Tell by the device's notifications what happens while the page is not looked at. */
  readonly notify: boolean;
  readonly about: About;
}

/** What somebody says of themselves when they sign in. */
export interface About {
  readonly languages: readonly string[];
  /** As ISO 3166-1 has it. */
  readonly country: string | null;
  readonly birthYear: number | null;
}

const key = "earnest:settings";
const usual: Settings = {
  language: "auto",
  theme: "auto",
  notify: false,
  about: { languages: [], country: null, birthYear: null },
};

function stored(): Settings {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Settings>) };
  } catch {
    return usual;
  }
}

export const settings = new Store<Settings>(stored());

settings.subscribe(() => {
  try {
    localStorage.setItem(key, JSON.stringify(settings.value));
  } catch {
    // A private window may refuse: then they last as long as the page.
  }
});

/** Sets what the style sheet looks at; "auto" leaves it to the system. */
export function applyTheme(): void {
  const { theme } = settings.value;
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
