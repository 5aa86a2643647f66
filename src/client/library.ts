/** `earnest/client`: what programs of others import. Within the repository everything is imported from where it is defined. */
export type { Result } from "../contract/results.ts";
export type { WebhookBody } from "../contract/webhook-routes.ts";
export { Contributor } from "./contributor.ts";
export { Earnest } from "./earnest.ts";
export { EarnestApiError, EarnestConnectionError, isApiError } from "./errors.ts";
export { generateSigner, type Signer, signerFromKeyPair } from "./keys.ts";
export { readWebhook, UnsignedWebhook } from "./webhooks.ts";
