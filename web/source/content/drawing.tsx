import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import type { PicturePart } from "./parts.ts";
import { safeImage } from "./safe-image.ts";
import { safeSvg } from "./safe-svg.ts";
import { safeText } from "./safe-text.ts";

/** A stranger's picture as an address that only this page can read; null before there is one. */
export function usePicture(part: PicturePart): { readonly address: string | null; readonly isBroken: boolean } {
  const [address, setAddress] = useState<string | null>(null);
  const [isBroken, setBroken] = useState(false);
  const source = part.type === "svg" ? part.svg : part.image;
  useEffect(() => {
    const blob = blobOf(part);
    setBroken(blob === null);
    if (blob === null) return undefined;
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [source]);
  return { address, isBroken };
}

function blobOf(part: PicturePart): Blob | null {
  if (part.type === "svg") {
    const clean = safeSvg(part.svg);
    return clean === null ? null : new Blob([clean], { type: "image/svg+xml" });
  }
  const image = safeImage(part.image);
  return image === null ? null : new Blob([image.bytes], { type: image.type });
}

/** A stranger's picture; its description stands in where it cannot be shown, and for who does not see. */
export function Drawing({ part }: { readonly part: PicturePart }) {
  const { address, isBroken } = usePicture(part);
  const [hasFailed, setFailed] = useState(false);
  const words = safeText(part.alt, 1_000);
  if (isBroken || hasFailed) return <span class="faint">{words === "" ? t("content.broken") : words}</span>;
  if (address === null) return <span class="drawing" aria-hidden="true" />;
  return <img class="drawing" src={address} alt={words} onError={() => setFailed(true)} draggable={false} />;
}
