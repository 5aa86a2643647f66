import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type MessageKey, spoken, t, timeText } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { VerdictBadge } from "../../parts/verdict.tsx";
import { type LendingStatus, type NodeLine, type NodeStatus, nodeAddress, readNode } from "./node-status.ts";

const lookMs = 5_000;

interface Seen {
  readonly status: NodeStatus;
  readonly timeMs: number;
}

/** The node of this computer: what it does now, what it came to, what it may, and what it did for whom. */
export function NodeScreen() {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [isHere, setHere] = useState<boolean | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      const found = await readNode(stop.signal);
      if (stop.signal.aborted) return;
      setProblem(null);
      setHere(found !== null);
      if (found !== null) setSeen({ status: found, timeMs: Date.now() });
    };
    const begin = (): void => void look().catch(setProblem);
    begin();
    const timer = setInterval(begin, lookMs);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, []);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("node.title")}</h1>
      <p class="faint">{t("node.text")}</p>
      {problem !== null && <Problem error={problem} />}
      {problem === null && isHere === null && <Loading />}
      {seen === null && isHere === false && <None />}
      {seen !== null && isHere === false && (
        <p class="notice" role="status">
          {t("node.lost", { time: timeText(seen.timeMs) })}
        </p>
      )}
      {seen !== null && <Shown status={seen.status} isHere={isHere === true} />}
    </div>
  );
}

function None() {
  const command = `earnest-node node start --kinds compute --keypair node.json --server ${location.origin}`;
  return (
    <section class="notice">
      <h2>{t("node.none")}</h2>
      <p>{t("node.noneText", { address: nodeAddress })}</p>
      <p dir="ltr">
        <code>{command}</code>
      </p>
    </section>
  );
}

function Shown({ status, isHere }: { readonly status: NodeStatus; readonly isHere: boolean }) {
  const { lendings, log } = status;
  return (
    <>
      {lendings.map((each) => (
        <Lending key={each.lending} of={each} isHere={isHere} />
      ))}
      <Caps of={status} />
      <section>
        <h2>{t("node.log")}</h2>
        {log.length === 0 && <p class="faint">{t("node.logNone")}</p>}
        <ul class="rows">
          {log.map((line) => (
            <Line key={`${line.timeMs} ${line.title}`} of={line} />
          ))}
        </ul>
      </section>
    </>
  );
}

const names: Readonly<Record<LendingStatus["lending"], MessageKey>> = {
  bandwidth: "node.bandwidth",
  compute: "node.compute",
  energy: "node.energy",
};

/** By the word of the node; what this page does not know is shown as the node says it. */
const reasons: Readonly<Record<string, MessageKey>> = {
  paused: "node.paused",
  "outside of its hours": "node.hours",
  "metered network": "node.metered",
  "enough for today": "node.enough",
  "no work": "node.noWork",
  "waiting for readings": "node.readings",
};

function Lending({ of, isHere }: { readonly of: LendingStatus; readonly isHere: boolean }) {
  const { lending, connectedMs, busyMs, paid, unpaid, earned, standsBehindBy } = of;
  const isConnected = of.isConnected && isHere;
  return (
    <section class="paper node-lending">
      <h2>{t(names[lending])}</h2>
      <p class={`node-dot ${isConnected ? "node-on" : "node-off"}`}>
        {t(isConnected ? "node.connected" : "node.notConnected")}
      </p>
      <dl class="node-facts">
        <Fact name="node.available">{hours(connectedMs)}</Fact>
        <Fact name="node.used">{hours(busyMs)}</Fact>
        <Fact name="node.earned">
          <Money amount={earned} />
        </Fact>
        <Fact name="node.paid">{paid}</Fact>
        <Fact name="node.unpaid">{unpaid}</Fact>
        <Fact name={paid === 0 ? "node.why" : "node.now"}>{whyOf(of, isConnected)}</Fact>
        {isConnected && standsBehindBy && <Fact name="node.place">{t("node.behind", { check: standsBehindBy })}</Fact>}
      </dl>
      <p class="faint">{t("node.sinceStart")}</p>
    </section>
  );
}

function whyOf({ idle, problem }: LendingStatus, isConnected: boolean): string {
  if (!isConnected) return problem ? notConnected(problem) : t("node.connecting");
  const reason = idle === null ? "node.working" : reasons[idle];
  return reason ? t(reason) : (idle as string);
}

/** A gateway that has a reason says it in capitals; what else went wrong ends by itself. */
function notConnected(problem: string): string {
  if (problem === "NETWORK_TAKEN") return t("node.taken");
  const [, check] = /^DEMOTED: (\w+)$/.exec(problem) ?? [];
  return check === undefined ? `${t("node.connecting")} (${problem})` : t("node.demoted", { check });
}

const Fact = ({ name, children }: { readonly name: MessageKey; readonly children: ComponentChild }) => (
  <div>
    <dt>{t(name)}</dt>
    <dd>{children}</dd>
  </div>
);

function Caps({ of: { caps, today, lendings } }: { readonly of: NodeStatus }) {
  const isLent = (lending: LendingStatus["lending"]): boolean => lendings.some((each) => each.lending === lending);
  return (
    <section>
      <h2>{t("node.caps")}</h2>
      <dl class="node-facts">
        {isLent("bandwidth") && (
          <>
            <Fact name="node.capBytes">
              {t("node.ofMax", { used: megabytes(today.bytes), max: megabytes(caps.bytesPerDayMax) })}
            </Fact>
            <Fact name="node.capRate">{megabytes(caps.bytesPerSecondMax)}</Fact>
          </>
        )}
        {isLent("compute") && (
          <Fact name="node.capProcessor">
            {format({ style: "percent", maximumFractionDigits: 1 }, caps.processorPpm / 1_000_000)}
          </Fact>
        )}
        <Fact name="node.capHours">
          {caps.hours === null ? t("node.always") : `${timeOf(caps.hours.from)}–${timeOf(caps.hours.to)}`}
        </Fact>
        <Fact name="node.capMetered">{t(caps.isMeteredAllowed ? "node.works" : "node.rests")}</Fact>
      </dl>
    </section>
  );
}

const Line = ({ of: { timeMs, lending, title, state, reason, reward } }: { readonly of: NodeLine }) => (
  <li class="row">
    <span class="row-title" dir="auto">
      {title}
    </span>
    <Money amount={reward} />
    <p class="row-facts">
      <VerdictBadge state={state as "accepted"} />
      <span>{t(names[lending])}</span>
      <time class="faint" dateTime={new Date(timeMs).toISOString()}>
        {timeText(timeMs)}
      </time>
      {reason !== null && <code>{reason}</code>}
    </p>
  </li>
);

const format = (options: Intl.NumberFormatOptions, value: number): string =>
  new Intl.NumberFormat(spoken.value.language, options).format(value);

const hours = (ms: number): string =>
  format({ style: "unit", unit: "hour", maximumFractionDigits: 1 }, Math.floor(ms / 360_000) / 10);

const megabytes = (bytes: number): string =>
  format({ style: "unit", unit: "megabyte", maximumFractionDigits: 1 }, bytes / 1_000_000);

const timeOf = (minute: number): string => `${Math.floor(minute / 60)}:${`${minute % 60}`.padStart(2, "0")}`;
