/**
 * What this browser keeps: the key, tasks in hand, answers on their way, what became of them. IndexedDB, because it is
 * the only place that takes a key which cannot be read.
 */
const name = "earnest";
const stores = ["keys", "offers", "drafts", "outbox", "outcomes"] as const;
export type StoreName = (typeof stores)[number];

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(problemOf(request.error));
  });
  return opened;
}

const problemOf = (error: DOMException | null): Error => error ?? new Error("the browser's database failed");

/** A draft changes with every key: it has to survive the page and not the power, and must not wait for the disk. */
const durabilityOf = (store: StoreName): IDBTransactionDurability => (store === "drafts" ? "relaxed" : "strict");

async function run<Value>(
  store: StoreName,
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await open();
  return await new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: durabilityOf(store) });
    const request = work(transaction.objectStore(store));
    // Resolved when it is kept, not when it was taken: what was answered must survive the page.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(problemOf(transaction.error));
    transaction.onabort = () => reject(problemOf(transaction.error));
  });
}

export const readOne = <Value>(store: StoreName, key: string): Promise<Value | undefined> =>
  run<Value | undefined>(store, "readonly", (objects) => objects.get(key) as IDBRequest<Value | undefined>);
export const readAll = <Value>(store: StoreName): Promise<Value[]> =>
  run<Value[]>(store, "readonly", (objects) => objects.getAll() as IDBRequest<Value[]>);
export const write = (store: StoreName, key: string, value: unknown): Promise<IDBValidKey> =>
  run(store, "readwrite", (objects) => objects.put(value, key));
export const remove = (store: StoreName, key: string): Promise<undefined> =>
  run(store, "readwrite", (objects) => objects.delete(key));
const empty = (store: StoreName): Promise<undefined> => run(store, "readwrite", (objects) => objects.clear());
/** Everything but the key: tasks and answers are of the contributor who was here. */
export const emptyWork = async (): Promise<void> =>
  void (await Promise.all(["offers", "drafts", "outbox", "outcomes"].map((store) => empty(store as StoreName))));
export const emptyAll = async (): Promise<void> => void (await Promise.all(stores.map((store) => empty(store))));

/** Keeps a value where there is none yet; what is there then, in one step for all tabs. */
export async function claim<Value>(store: StoreName, key: string, value: Value): Promise<Value> {
  try {
    await run(store, "readwrite", (objects) => objects.add(value, key));
    return value;
  } catch (error) {
    const there = await readOne<Value>(store, key);
    if (there === undefined) throw error;
    return there;
  }
}
