import { useEffect, useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { online, watched } from "../../connection.ts";
import { start } from "../../trouble.ts";
import { useLoad } from "../parts/use-load.ts";

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

/** Something larger that is read with the beat, but not more often than that. */
export function useCalm<Value>(
  load: () => Promise<Value>,
  of: readonly unknown[],
  beat: number,
  calmMs: number,
): { readonly value: Value | null; readonly problem: unknown } {
  const [asked, setAsked] = useState(0);
  const { value, problem } = useLoad(load, [...of, asked]);
  useEffect(() => {
    if (beat === 0) return;
    const timer = setTimeout(() => setAsked(beat), calmMs);
    return () => clearTimeout(timer);
  }, [asked, Math.min(beat, asked + 1)]);
  return { value, problem };
}
