import { z } from "zod";
import { page, publicKey, text, timeMs } from "./wire.ts";

export const apiKeyMode = z.enum(["test", "live"]);

export const newApiKey = z.strictObject({ name: text(100), mode: apiKeyMode.default("test") });
export type NewApiKey = z.input<typeof newApiKey>;

export const apiKey = z.strictObject({
  id: z.string(),
  owner: publicKey,
  mode: apiKeyMode,
  name: z.string(),
  createdAtMs: timeMs,
  revokedAtMs: timeMs.nullable(),
});
export type ApiKey = z.output<typeof apiKey>;

export const createdApiKey = apiKey.extend({ secret: z.string().meta({ description: "Shown once." }) });
export type CreatedApiKey = z.output<typeof createdApiKey>;

export const apiKeyPage = page(apiKey);
