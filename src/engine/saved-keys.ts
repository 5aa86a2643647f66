import { toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { countOtherSavedKeys, putSavedKey, readSavedKey } from "../store/identity/saved-keys.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";

/** Of one contributor: a passkey each for some devices and managers of passwords. */
const perContributorMax = 16;

/**
 * Keeps the keys that contributors' passkeys wrapped, for their other browsers. The operator can open none of them, and a
 * page that it serves can do no more with one than with the key that the page has anyway.
 */
export const createSavedKeys = ({ pool, clock }: EngineContext): Pick<Engine, "saveKey" | "savedKey"> => ({
  async saveKey({ contributor }, id, wrapped) {
    if ((await countOtherSavedKeys(pool, contributor, id)) >= perContributorMax) {
      throw earnestError("LIMIT_EXCEEDED", { what: "saved keys of a contributor", max: perContributorMax });
    }
    await putSavedKey(pool, { id, contributor, wrapped, savedAtMs: clock() });
  },

  async savedKey(id) {
    const wrapped = await readSavedKey(pool, id);
    if (wrapped === null) throw earnestError("SAVED_KEY_NOT_FOUND", { id: toHex(id) });
    return wrapped;
  },
});
