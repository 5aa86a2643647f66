import english from "../messages/node/en.json";
import { addWords, type Loaders } from "./i18n.ts";

const loaders: Loaders = {
  es: () => import("../messages/node/es.json"),
  pt: () => import("../messages/node/pt.json"),
  fr: () => import("../messages/node/fr.json"),
  hi: () => import("../messages/node/hi.json"),
  ar: () => import("../messages/node/ar.json"),
  zh: () => import("../messages/node/zh.json"),
  id: () => import("../messages/node/id.json"),
};

/** The texts of the node's screen. */
export const addNodeWords = (): Promise<void> => addWords(english, loaders);
