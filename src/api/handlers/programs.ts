import { bytes32, fromBase64, fromHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { marketId } from "../../core/market-id.ts";
import { parseSlot } from "../../core/slot.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { writeBytes, writeHash } from "../values.ts";
import { acknowledgementView } from "../views.ts";

type Ids = "addProgram" | "getProgram" | "commitTo";

export function programHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    addProgram: async ({ params, body, caller, once }) => {
      const program = { language: body.language, program: bytesOf(body.program) };
      const added = await engine.addProgram(caller.owner, marketId(params.market), program, once);
      return { ...added, hash: writeHash(added.hash) };
    },

    getProgram: async ({ params }) => {
      const { language, program } = await engine.program(marketId(params.market), bytes32(fromHex(params.hash)));
      return { language, program: writeBytes(program) };
    },

    commitTo: async ({ params, body, caller }) => {
      const slot = parseSlot(body.slot);
      const commitment = bytes32(fromHex(body.commitment));
      return acknowledgementView(await engine.commitTo(caller.session, marketId(params.market), slot, commitment));
    },
  };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (error) {
    throw earnestError("MALFORMED_REQUEST", { where: "body.program", problem: "is no base64" }, { cause: error });
  }
}
