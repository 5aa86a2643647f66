import { bytes32, fromBase58, fromBase64, fromHex } from "../../core/bytes.ts";
import type { AttestorSignature } from "../../core/commit/attestors.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readCount } from "../values.ts";
import { commitView } from "../views.ts";

type Ids = "listCommits" | "getCommit" | "getLeafFile" | "signCommit" | "refuseCommit";

export function commitHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    listCommits: async ({ query: { mint, after = null, limit } }) => {
      const { items, next } = await engine.listCommits({ mint, after, limit: readCount(limit, 10) });
      return { items: items.map(commitView), next };
    },

    getCommit: async ({ params }) => commitView(await engine.commit(digestOf(params))),

    getLeafFile: async ({ params, reply }) => {
      const file = await engine.leafFile(digestOf(params));
      return reply.type("application/octet-stream").send(Buffer.from(file.buffer, file.byteOffset, file.length));
    },

    signCommit: async ({ params, body }) => commitView(await engine.signCommit(digestOf(params), signatureOf(body))),

    refuseCommit: async ({ params, body }) => {
      const { outcome, code, place, what } = body;
      const said = { digest: digestOf(params), outcome, code, place, what };
      return commitView(await engine.refuseCommit(said, signatureOf(body)));
    },
  };
}

const digestOf = ({ digest }: { readonly digest: string }) => bytes32(fromHex(digest));

const signatureOf = ({ key, signature }: { readonly key: string; readonly signature: string }): AttestorSignature => ({
  key: bytes32(fromBase58(key)),
  signature: fromBase64(signature),
});
