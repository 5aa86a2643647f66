import type { NearTask } from "../../contract/nearby.ts";
import { routes } from "../../contract/routes.ts";
import { earnestError } from "../../core/errors.ts";
import { cellAt, centreOfCell } from "../../verification/places/cell.ts";
import { distanceMm } from "../../verification/places/distance.ts";
import type { Place } from "../../verification/primitives/evidence.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";

/** What the server is told of a place: a cell of five square kilometres. */
const askedResolution = 7;

interface NearOptions {
  readonly limit: number;
}

export const addNear: AddCommand = (program, run) => {
  examples(
    program
      .command("near")
      .description(
        "Tasks of a market that can still be taken, the nearest first; the server is told a cell of 5 km² only",
      )
      .argument("<market>", "The market's id", parseMarket)
      .argument("<place>", "Where from: latitude and longitude in degrees, with a comma", parsePlace)
      .option("--limit <n>", "At most so many", parsePositive, 20)
      .action(run(near)),
    "earnest near 00112233445566778899aabbccddeeff 48.2082,16.3738",
  );
};

export function parsePlace(text: string): Place {
  const match = /^(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)$/.exec(text.replaceAll(" ", ""));
  const [latitude, longitude] = (match ?? []).slice(1).map(Number);
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw earnestError("MALFORMED_COMMAND", { problem: "a place is written as 48.2082,16.3738" });
  return { latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) };
}

async function near(context: CommandContext, { limit }: NearOptions, market: string, place: Place): Promise<ExitCode> {
  const { output } = context;
  const cell = cellAt(place, askedResolution);
  const { transport } = await context.client();
  const { items } = await transport.call(routes.listNearby, {
    params: { market },
    query: { cell, limit: String(limit) },
  });
  const sorted = items
    .map((each): NearTask => ({ ...each, distanceMm: distanceMm(place, each.place) }))
    .sort((a, b) => a.distanceMm - b.distanceMm);
  output.table(
    ["task", "metres", "place", "reward"],
    sorted.map(({ task, distanceMm: apart, place: at, reward }) => [
      String(task),
      String(Math.round(apart / 1_000)),
      `${at.latitudeE7 / 1e7},${at.longitudeE7 / 1e7}`,
      reward,
    ]),
  );
  output.result({ ok: true, cell, centre: { ...centreOfCell(cell) }, items: sorted });
  return exitCodes.ok;
}
