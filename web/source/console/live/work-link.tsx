import { useState } from "preact/hooks";
import { encode } from "uqr";
import type { Market } from "../../../../src/contract/markets.ts";
import { server } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { start } from "../../trouble.ts";

/** Where contributors find this market; a phone reads it off the screen where it can reach this address. */
export function WorkLink({ market: { id, status } }: { readonly market: Market }) {
  const [isCopied, setCopied] = useState(false);
  if (status !== "open") return null;
  const address = `${server}/desk/${id}`;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(address);
    setCopied(true);
  };
  return (
    <section class="panel work-link">
      <div>
        <h2>{t("live.workLink")}</h2>
        <p class="faint">{t("live.workText")}</p>
        <p>
          <a href={address} class="hash" dir="ltr">
            {address}
          </a>
        </p>
        <button type="button" class="button" onClick={() => start(copy())}>
          {t(isCopied ? "live.copied" : "live.copy")}
        </button>
      </div>
      {!isLoopback && <Code text={address} />}
    </section>
  );
}

/** No phone reaches the loopback address of another machine. */
const isLoopback = /^(localhost|127\.|\[::1\])/.test(location.hostname);

function Code({ text }: { readonly text: string }) {
  const { size, data } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("live.code")}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
