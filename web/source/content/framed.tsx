import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Store, useStore } from "../store.ts";
import type { HtmlPart } from "./parts.ts";
import { safeHtml } from "./safe-html.ts";

/** Hosts whose pictures somebody wants to see, as long as this page is open: each learns who looks. */
const wanted = new Store<ReadonlySet<string>>(new Set());

const heightMax = 20_000;
/** A frame that does not answer, such as without a connection, leaves the words. */
const patienceMs = 4_000;

/** A stranger's markup, in a document of no origin. */
export function Framed({ part }: { readonly part: HtmlPart }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const seen = useStore(wanted);
  const { html, text, hosts } = useMemo(
    () => safeHtml(part.html, part.hosts, (host) => seen.has(host)),
    [part.html, part.hosts.join(), seen],
  );
  const [height, setHeight] = useState<number | null>(null);
  const [isMute, setMute] = useState(false);
  const shown = hosts.filter((host) => seen.has(host));
  const hidden = hosts.filter((host) => !seen.has(host));
  useEffect(() => {
    const timer = setTimeout(() => setMute(true), patienceMs);
    const hear = ({ source, data }: MessageEvent<Partial<Told> | null>): void => {
      const to = frame.current?.contentWindow ?? null;
      if (to === null || source !== to || typeof data !== "object" || data === null) return;
      clearTimeout(timer);
      if (data.isReady === true) to.postMessage({ html }, "*");
      if (typeof data.height === "number") setHeight(Math.min(heightMax, Math.max(0, Math.ceil(data.height))));
      if (data.isDone === true) frame.current?.blur();
    };
    addEventListener("message", hear);
    // It may have been ready before this listened.
    frame.current?.contentWindow?.postMessage({ html }, "*");
    return () => {
      clearTimeout(timer);
      removeEventListener("message", hear);
    };
  }, [html]);
  // A new frame may be as high as the one before.
  useEffect(() => {
    if (frame.current !== null && height !== null) frame.current.style.blockSize = `${height}px`;
  }, [height, shown.join()]);
  if (isMute && height === null) return <p class="part-text">{text}</p>;
  return (
    <>
      <iframe
        ref={frame}
        key={shown.join()}
        class="framed"
        sandbox="allow-scripts"
        referrerpolicy="no-referrer"
        title={part.label === "" ? t("content.framed") : part.label}
        src={`/frame.html${shown.length === 0 ? "" : `?hosts=${shown.join(",")}`}`}
      />
      {hidden.length > 0 && (
        <p class="notice">
          {t("content.elsewhere", { hosts: hidden.join(", ") })}{" "}
          <button type="button" class="button" onClick={() => wanted.update((now) => new Set([...now, ...hidden]))}>
            {t("content.show")}
          </button>
        </p>
      )}
    </>
  );
}

/** What the frame says. */
interface Told {
  readonly isReady: boolean;
  readonly height: number;
  readonly isDone: boolean;
}
