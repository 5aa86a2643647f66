import { serverNow } from "../../connection.ts";
import { isSighting, type Sighting } from "./report-draft.ts";

export type PlaceProblem = "denied" | "unavailable" | "insecure";

const waitMs = 30_000;

/** Where the device says it is now, at the network's time: a clock that is wrong must not make it look old. */
export async function sightingNow(): Promise<Sighting | PlaceProblem> {
  if (!isSecureContext || !("geolocation" in navigator)) return "insecure";
  const found = await new Promise<GeolocationPosition | GeolocationPositionError>((resolve) =>
    navigator.geolocation.getCurrentPosition(resolve, resolve, {
      enableHighAccuracy: true,
      maximumAge: 0,
      timeout: waitMs,
    }),
  );
  if (!("coords" in found)) return found.code === found.PERMISSION_DENIED ? "denied" : "unavailable";
  const { latitude, longitude, accuracy } = found.coords;
  const sighting = {
    latitudeE7: Math.round(latitude * 1e7),
    longitudeE7: Math.round(longitude * 1e7),
    timeMs: serverNow(),
    accuracyMm: Math.ceil(accuracy * 1_000),
  };
  return isSighting(sighting) ? sighting : "unavailable";
}
