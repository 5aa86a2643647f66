import { createApi } from "#src/api/create-api";
import { createIdempotency } from "#src/engine/idempotency";
import { serve } from "../load/serve.ts";

/** With room for as many streams as the first argument says. */
const [, , streams = "", dataFolder = ""] = process.argv;
await serve(dataFolder, async ({ engine, context }, { apiLog }) => {
  const api = createApi({
    engine,
    idempotency: createIdempotency(context),
    log: apiLog,
    limits: { openStreamsMax: Number(streams), openStreamsPerAddressMax: Number(streams) },
  });
  return { url: await api.listen({ host: "127.0.0.1", port: 0 }), close: () => api.close() };
});
