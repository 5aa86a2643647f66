import english from "../../messages/console/en.json";
import { addWords, type Loaders } from "../i18n.ts";

const loaders: Loaders = {
  es: () => import("../../messages/console/es.json"),
  pt: () => import("../../messages/console/pt.json"),
  fr: () => import("../../messages/console/fr.json"),
  hi: () => import("../../messages/console/hi.json"),
  ar: () => import("../../messages/console/ar.json"),
  zh: () => import("../../messages/console/zh.json"),
  id: () => import("../../messages/console/id.json"),
};

/** The texts of the console and the explorer. */
export const addConsoleWords = (): Promise<void> => addWords(english, loaders);
