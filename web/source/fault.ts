import { type MessageKey, t, type Values } from "./i18n.ts";

/** What this page or browser cannot do, in the words of who wanted it: what happened, and what to do next. */
export class PageFault extends Error {
  override readonly name = "PageFault";
  readonly code: string;
  readonly key: MessageKey;
  readonly values: Values;

  constructor(code: string, key: MessageKey, values: Values = {}) {
    super(code);
    this.code = code;
    this.key = key;
    this.values = values;
  }

  get text(): string {
    return t(this.key, this.values);
  }
}
