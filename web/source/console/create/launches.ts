/** What this browser keeps of launches: the tasks that wait until the sample was looked at. On disk, as they may be many. */
export interface KeptLaunch {
  readonly market: string;
  readonly name: string;
  /** Tasks as JSON lines. */
  readonly rest: Blob;
  readonly count: number;
}

const store = "launches";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("earnest-console", 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(store, { keyPath: "market" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database failed"));
  });
}

async function run<Value>(mode: IDBTransactionMode, work: (kept: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error ?? new Error("the browser's database failed"));
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser's database failed"));
    });
  } finally {
    database.close();
  }
}

export const keepLaunch = (launch: KeptLaunch): Promise<IDBValidKey> => run("readwrite", (kept) => kept.put(launch));
export const keptLaunch = (market: string): Promise<KeptLaunch | undefined> =>
  run<KeptLaunch | undefined>("readonly", (kept) => kept.get(market) as IDBRequest<KeptLaunch | undefined>);
export const forgetLaunch = (market: string): Promise<undefined> => run("readwrite", (kept) => kept.delete(market));
