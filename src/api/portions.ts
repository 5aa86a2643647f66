/** Beyond, what is written at once would be more than a connection takes. */
const portionMax = 32;
const later = Symbol("later");

/**
 * What a source brings, in the portions in which it is there: all that comes before the event loop goes on is one. Whoever
 * stops early ends the source by its signal, since it may be waiting.
 */
export async function* portionsOf<T>(source: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const next = iterator.next();
    // It may fail while somebody still looks at the portion before.
    next.catch(() => undefined);
    return next;
  };
  try {
    for (let first = await ask(); first.done !== true; ) {
      const portion = [first.value];
      const turn = endOfTurn();
      let next = ask();
      let more = await Promise.race([next, turn]);
      while (more !== later && more.done !== true && portion.length < portionMax) {
        portion.push(more.value);
        next = ask();
        more = await Promise.race([next, turn]);
      }
      yield portion;
      first = await next;
    }
  } finally {
    iterator.return?.().catch(() => undefined);
  }
}

const endOfTurn = (): Promise<typeof later> => new Promise((resolve) => setImmediate(resolve, later));
