import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { safeSvg } from "./safe-svg.ts";
import { safeText } from "./safe-text.ts";

/** A stranger's drawing as an image; its description stands in where it cannot be shown, and for who does not see. */
export function Drawing({ svg, alt }: { readonly svg: string; readonly alt: string }) {
  const [address, setAddress] = useState<string | null>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const clean = safeSvg(svg);
    setBroken(clean === null);
    if (clean === null) return undefined;
    const made = URL.createObjectURL(new Blob([clean], { type: "image/svg+xml" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  const words = safeText(alt, 1_000);
  if (isBroken) return <span class="faint">{words === "" ? t("content.broken") : words}</span>;
  if (address === null) return <span class="drawing" aria-hidden="true" />;
  return <img class="drawing" src={address} alt={words} onError={() => setBroken(true)} draggable={false} />;
}
