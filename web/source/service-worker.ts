/**
 * Keeps the application itself, so that it opens without a connection. Answers and tasks are not its business: the page
 * keeps those, and the API is never answered from here.
 */
interface WorkerScope {
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(of: { readonly type: "window" }): Promise<readonly { focus(): Promise<unknown> }[]>;
    openWindow(path: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  readonly registration: Pick<ServiceWorkerRegistration, "showNotification">;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}
interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface PushEvent extends ExtendableEvent {
  readonly data: { json(): unknown } | null;
}
interface NotificationEvent extends ExtendableEvent {
  readonly notification: Notification;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Replaced by the names of the built files; with them the name of the store changes. */
const list = "__PRECACHE__";
const files = JSON.parse(list) as string[];
const store = `earnest ${hashOf(list)}`;
const page = "/";

function hashOf(text: string): string {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(36);
}

scope.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(store)
      .then((cache) => cache.addAll([page, ...files]))
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((each) => each !== store).map((each) => caches.delete(each))))
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== scope.location.origin) return;
  if (request.mode === "navigate") event.respondWith(opened(request, pageOf(pathname)));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

/** Who earns has their page here from the start; the console and the explorer stay once they were opened. */
const pageOf = (path: string): string => /^\/(?:console|explorer)(?=\/|$)/.exec(path)?.[0] ?? page;

async function opened(request: Request, path: string): Promise<Response> {
  try {
    const fetched = await fetch(request);
    if (path !== page && fetched.ok) await (await caches.open(store)).put(path, fetched.clone());
    return fetched;
  } catch {
    return await kept(path);
  }
}

const kept = async (path: string): Promise<Response> => (await caches.match(path)) ?? Response.error();

/** Its name says what is in it, so the first copy is as good as any. */
async function asset(request: Request): Promise<Response> {
  const cached = await caches.match(request);
  if (cached !== undefined) return cached;
  const fetched = await fetch(request);
  if (fetched.ok) await (await caches.open(store)).put(request, fetched.clone());
  return fetched;
}

/**
 * There is work (src/engine/notices.ts says so). A reward and the requester's own words need no language of ours; it stands
 * in the place of what an open page tells.
 */
scope.addEventListener("push", (event) => {
  if (event.data === null) return;
  const { reward, title } = event.data.json() as { readonly reward: string; readonly title: string };
  const options = { body: title, tag: "work", icon: "/icon-192.png" };
  event.waitUntil(scope.registration.showNotification(`${reward} EARN`, options));
});

/** Somebody wants to see what they were told of. */
scope.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  const path = notification.tag === "work" ? "/find" : "/earnings";
  event.waitUntil(
    scope.clients
      .matchAll({ type: "window" })
      .then(([open]) => (open === undefined ? scope.clients.openWindow(path) : open.focus())),
  );
});
