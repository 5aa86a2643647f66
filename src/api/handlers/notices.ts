import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, writeBytes } from "../values.ts";

type Ids = "getNoticeKey" | "putNoticeAddress" | "removeNoticeAddress";

const publicKeyBytes = 65;
const secretBytes = 16;

export function noticeHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    getNoticeKey: async () => ({ publicKey: writeBytes(engine.noticeKey()) }),

    putNoticeAddress: async ({ body: { endpoint, publicKey, secret }, caller }) => {
      await engine.putNoticeAddress(caller.session, {
        endpoint,
        publicKey: readBytes(publicKey, publicKeyBytes, "public key"),
        secret: readBytes(secret, secretBytes, "secret"),
      });
    },

    removeNoticeAddress: async ({ body, caller }) => {
      await engine.removeNoticeAddress(caller.session, body.endpoint);
    },
  };
}
