import english from "../messages/account/en.json";
import { addWords, type Loaders } from "./i18n.ts";

const loaders: Loaders = {
  es: () => import("../messages/account/es.json"),
  pt: () => import("../messages/account/pt.json"),
  fr: () => import("../messages/account/fr.json"),
  hi: () => import("../messages/account/hi.json"),
  ar: () => import("../messages/account/ar.json"),
  zh: () => import("../messages/account/zh.json"),
  id: () => import("../messages/account/id.json"),
};

/** The texts of the wallet, of the years and of the device's settings. */
export const addAccountWords = (): Promise<void> => addWords(english, loaders);
