import { routes } from "../../../src/contract/routes.ts";
import { fromBase64, toBase64 } from "../../../src/core/bytes.ts";
import { contributor, transport } from "../connection.ts";
import { isTelling } from "./tell.ts";

/**
 * Lets the browser's own push service bring news of work while no page is open. It learns that something came and when;
 * what it says is encrypted for this browser. False where there is no such service, or nobody to be told yet.
 */
export async function tellByPush(): Promise<boolean> {
  const somebody = contributor.value;
  if (somebody === null || !isTelling() || !("PushManager" in window)) return false;
  const { pushManager } = await navigator.serviceWorker.ready;
  const { publicKey } = await transport.call(routes.getNoticeKey);
  const subscription = await subscriptionFor(pushManager, fromBase64(publicKey));
  const { endpoint } = subscription;
  const [key, secret] = [subscription.getKey("p256dh"), subscription.getKey("auth")];
  if (key === null || secret === null) return false;
  await somebody.tellHere({
    endpoint,
    publicKey: toBase64(new Uint8Array(key)),
    secret: toBase64(new Uint8Array(secret)),
  });
  return true;
}

/** One that was made for another key, of a network that was here before, is of no use. */
async function subscriptionFor(manager: PushManager, key: Uint8Array): Promise<PushSubscription> {
  const found = await manager.getSubscription();
  const foundKey = found?.options.applicationServerKey ?? null;
  if (found !== null && foundKey !== null && toBase64(new Uint8Array(foundKey)) === toBase64(key)) return found;
  await found?.unsubscribe();
  return await manager.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(key) });
}

export async function tellByPushNoMore(): Promise<void> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const found = await pushManager.getSubscription();
  if (found === null) return;
  await contributor.value?.tellNoMore(found.endpoint);
  await found.unsubscribe();
}
