/** Something that everybody may ask for and that is dear to make: made at most so often, for all of them together. */
export function fresh<T>(clock: () => number, freshMs: number, make: (atMs: number) => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly made: Promise<T> } | null = null;
  return async () => {
    const now = clock();
    if (last === null || now - last.atMs > freshMs) {
      const own = { atMs: now, made: make(now) };
      last = own;
      own.made.catch(() => {
        if (last === own) last = null;
      });
    }
    return await last.made;
  };
}
