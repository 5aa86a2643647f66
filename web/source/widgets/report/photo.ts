import { sha256 } from "../../../../src/client/sha256.ts";
import { toBase64, toHex } from "../../../../src/core/bytes.ts";
import { jpegPrefix } from "./photo-address.ts";

export interface Photo {
  /** A JPEG as a `data:` address: it goes along in the answer's body. */
  readonly address: string;
  /** SHA-256 of the JPEG's bytes. */
  readonly digest: string;
}

const fileBytesMax = 40_000_000;
/** What a photo may take of a body of 64 KiB; the rest is for the text and for where it was. */
export const photoBytesMax = 30_000;

/** From good to just recognisable; the first that is small enough is taken. */
const attempts = [1_280, 1_024, 800, 640, 480, 320].flatMap((side) =>
  [0.75, 0.5].map((quality) => ({ side, quality })),
);

/**
 * Makes a photo small enough to be sent, as new pixels: what a camera writes into its files besides, such as where it
 * was and whose it is, stays here. Null where the browser cannot read it.
 */
export async function preparePhoto(file: Blob): Promise<Photo | null> {
  const jpeg = await smallJpeg(file);
  return jpeg === null ? null : { address: addressOf(jpeg), digest: toHex(sha256(jpeg)) };
}

/** The picture as a JPEG of new pixels that is small enough; null where the browser cannot read it. */
export async function smallJpeg(file: Blob): Promise<Uint8Array | null> {
  if (file.size > fileBytesMax) return null;
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    for (const { side, quality } of attempts) {
      const jpeg = await drawn(picture, side, quality);
      if (jpeg !== null && jpeg.size <= photoBytesMax) return new Uint8Array(await jpeg.arrayBuffer());
    }
    return null;
  } finally {
    picture.close();
  }
}

async function drawn(picture: ImageBitmap, side: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  if (context === null) return null;
  // A JPEG has no transparency: what is left out is paper.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

export const addressOf = (jpeg: Uint8Array): string => `${jpegPrefix}${toBase64(jpeg)}`;
