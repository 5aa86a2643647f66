import { useEffect, useRef, useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { online, watched } from "../../connection.ts";
import { start } from "../../trouble.ts";
import type { Loaded } from "../parts/use-load.ts";

/** Events of a market, while a screen is open: `beat` grows with what happens, some times a second at most. */
export interface Followed {
  readonly market: Market | null;
  readonly problem: unknown;
  readonly beat: number;
  /** When the last event came, by this page's clock. */
  readonly heardAtMs: number | null;
  readonly set: (market: Market) => void;
  readonly reload: () => void;
}

const beatMs = 150;

/** The market as it is now: read again whenever its log goes on. */
export function useMarket(client: Earnest, id: string): Followed {
  const [market, setMarket] = useState<Market | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [beat, setBeat] = useState(0);
  const [heardAtMs, setHeard] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;
    let isBehind = false;
    const read = async (): Promise<Market | null> => {
      isReading = true;
      isBehind = false;
      try {
        const found = await watched(client.markets.get(id));
        if (leaving.signal.aborted) return null;
        setMarket(found);
        setProblem(null);
        setBeat((now) => now + 1);
        return found;
      } catch (error) {
        if (!leaving.signal.aborted) setProblem(error);
        return null;
      } finally {
        isReading = false;
        if (isBehind) later();
      }
    };
    const later = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (isReading) isBehind = true;
        else start(read());
      }, beatMs);
    };
    const follow = async (): Promise<void> => {
      const first = await read();
      if (first === null) return;
      const after = first.lanes[0]?.sequence ?? 0;
      for await (const _ of client.markets.events(id, { after, signal: leaving.signal })) {
        setHeard(Date.now());
        if (isReading) isBehind = true;
        else later();
      }
    };
    follow().catch((error: unknown) => {
      if (!leaving.signal.aborted) setProblem(error);
    });
    const unsubscribe = online.subscribe(() => {
      if (online.value) later();
    });
    return () => {
      leaving.abort();
      clearTimeout(timer);
      unsubscribe();
    };
  }, [client, id, turn]);
  return { market, problem, beat, heardAtMs, set: setMarket, reload: () => setTurn((now) => now + 1) };
}

/** A server sums up what is large now and then: once nothing has happened for so long, it has summed up all of it. */
const restMs = 8_000;

/**
 * Something larger that is read with the beat, but not more often than that, nor before the answer before is there; and
 * once more when all is quiet.
 */
export function useCalm<Value>(
  load: () => Promise<Value>,
  of: readonly unknown[],
  beat: number,
  calmMs: number,
): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const heard = useRef(beat);
  const wake = useRef((): void => undefined);
  const again = useRef((): void => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let state: "reading" | "calm" | "resting" | "rested" = "rested";
    const read = async (isLast: boolean): Promise<void> => {
      state = "reading";
      const before = heard.current;
      try {
        const found = await watched(load());
        if (!isOver) setValue(() => found);
        if (!isOver) setProblem(null);
      } catch (error) {
        if (!isOver) setProblem(error);
      }
      if (heard.current !== before) wait("calm", calmMs);
      else if (isLast) state = "rested";
      else wait("resting", restMs);
    };
    const wait = (next: "calm" | "resting", ms: number): void => {
      if (isOver) return;
      state = next;
      clearTimeout(timer);
      timer = setTimeout(() => start(read(next === "resting")), ms);
    };
    wake.current = () => {
      if (state === "resting" || state === "rested") wait("calm", calmMs);
    };
    again.current = () => {
      clearTimeout(timer);
      if (state !== "reading") start(read(false));
    };
    start(read(false));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, of);
  useEffect(() => {
    if (heard.current === beat) return;
    heard.current = beat;
    wake.current();
  }, [beat]);
  return { value, problem, reload: () => again.current() };
}
