/**
 * Runs in the guest before the program and keeps what it needs of the language to itself, so that a program that changes
 * prototypes or globals changes its own result at most. Gives the two functions that the host calls:
 * `output`: what `main` gave, as a string or as bytes; `describe`: what was thrown, as [name, message, stack] in JSON.
 */
export const prelude = `(() => {
  "use strict";
  const { apply } = Reflect;
  const { stringify } = JSON;
  const asText = String;
  const slice = String.prototype.slice;
  const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
  const output = (value) => {
    if (value === undefined) return "";
    if (typeof value === "string") return value;
    if (typeof value === "object" && value !== null && apply(tag, value, []) === "Uint8Array") return value;
    const text = stringify(value);
    if (typeof text !== "string") throw new TypeError("main returned a " + typeof value + ", which has no form in JSON");
    return text;
  };
  const part = (error, name, lengthMax) => {
    try {
      const text = error[name];
      return typeof text === "string" ? apply(slice, text, [0, lengthMax]) : "";
    } catch {
      return "";
    }
  };
  const describe = (error) => {
    if (typeof error !== "object" || error === null) {
      let text = "";
      try { text = apply(slice, asText(error), [0, 1000]); } catch {}
      return stringify(["", text, ""]);
    }
    return stringify([part(error, "name", 100), part(error, "message", 1000), part(error, "stack", 4000)]);
  };
  return [output, describe];
})()`;
