import { useState } from "preact/hooks";
import { t } from "../i18n.ts";

/** A whole address in groups of four, as people compare it; read out and copied in one piece. */
export function Address({ of }: { readonly of: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(of).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <span class="address">
      <code dir="ltr" title={of}>
        {of.match(/.{1,4}/g)?.map((group, i) => (
          <span key={i}>{group}</span>
        ))}
      </code>
      {/* A page without HTTPS has no clipboard. */}
      {isSecureContext && (
        <button type="button" class="button-text" onClick={copy}>
          {t(isCopied ? "wallet.copied" : "wallet.copy")}
        </button>
      )}
    </span>
  );
}
