/** A path such as `terms.overlap[1].min` as a JSON pointer (RFC 6901): `/terms/overlap/1/min`. */
export const jsonPointer = (path: string): string =>
  path === ""
    ? ""
    : `/${path
        .replace(/\[(\d+)\]/g, ".$1")
        .replaceAll("~", "~0")
        .replaceAll("/", "~1")
        .replaceAll(".", "/")}`;
