import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { toBase58 } from "../../../../src/core/bytes.ts";
import type { Json } from "../../../../src/core/json.ts";
import type { Foreseen } from "../../../../src/verification/overlap/foresee.ts";
import { network, networkFound, watched } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { isAmount } from "../../parts/amounts.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { OfToken } from "../../parts/tokens.tsx";
import { go } from "../../router.ts";
import { useStore } from "../../store.ts";
import { type Account, walletSigner } from "../account.ts";
import { pathOfMarket } from "../routes.ts";
import { Reader } from "../rows/reader.ts";
import type { Checked } from "../rows/survey.ts";
import type { TableRow } from "../rows/table.ts";
import { type ColumnRole, guessRoles, rolesWith } from "../rows/tasks.ts";
import { Ask } from "./ask.tsx";
import { type Costs, costsOf, type Terms } from "./costs.ts";
import { Data, Drop } from "./data.tsx";
import {
  answerOf,
  classesOf,
  emptyDraft,
  type MarketDraft,
  mappingOf,
  marketOf,
  missingIn,
  namesFromColumn,
  overlapOf,
  presetNames,
  startOf,
  withKind,
  worthOf,
} from "./draft.ts";
import { KindChoice } from "./kind.tsx";
import { kinds, type TableKind } from "./kinds.ts";
import { type LaunchStep, launch } from "./launch.ts";
import { Preview } from "./preview.tsx";
import { type Offer, Quality } from "./quality.tsx";
import type { Source } from "./source.ts";
import { Summary } from "./summary.tsx";
import { TokenChoice } from "./token-choice.tsx";

const sampleSize = 20;
/** How often contributors are right, before anything is known of them: as `earnest estimate` supposes. */
const accuracySupposed = 0.85;

/** From a file and a question to a running market, on one page. */
export function Create({ account }: { readonly account: Account }) {
  const reader = useReader();
  const [source, setSource] = useState<Source | null>(null);
  const [draft, setDraft] = useState<MarketDraft>(emptyDraft);
  const [shown, setShown] = useState(0);
  const known = useStore(networkFound);
  const [mint, setMint] = useState<string | null>(null);
  const token = known?.tokens.find((each) => each.mint === mint) ?? known?.tokens[0];
  const terms = useMemo(
    () =>
      known === null || token === undefined ? null : { decimals: token.decimals, feeBasisPoints: known.feeBasisPoints },
    [known, token],
  );
  const [step, setStep] = useState<LaunchStep | null>(null);
  const [isSample, setSample] = useState(false);
  const [unreadable, setUnreadable] = useState<unknown>(null);
  const opened = useRef(0);
  const launching = useTask();
  const key = useRef(randomKey());
  const change = (next: Partial<MarketDraft>): void => setDraft((now) => ({ ...now, ...next }));
  useEffect(() => void network().catch(() => undefined), []);
  const checked = useChecked(reader, source, draft);
  const row = useRow(reader, source, shown);
  const tasks = checked?.tasks ?? source?.survey?.rows ?? 0;
  const offers = useOffers(reader, draft, Math.max(tasks, 1), terms);
  const chosen = offers.find(({ preset }) => preset === draft.preset);
  const costsFor = (count: number): Costs | null =>
    terms === null || !isAmount(draft.reward, terms.decimals)
      ? null
      : costsOf(draft, count, chosen?.foreseen ?? null, terms, Math.max(count, tasks));

  /** A file that another follows is given up, however much of it was read. */
  const open = (file: File): void => {
    const turn = ++opened.current;
    const now = (work: () => void): void => {
      if (turn === opened.current) work();
    };
    setSource(null);
    setUnreadable(null);
    setShown(0);
    setDraft((before) => ({ ...emptyDraft, ...keptOf(before) }));
    reader
      .survey(
        file,
        (head, first) =>
          now(() => {
            setSource({ file, head, first, share: 0, survey: null, kept: first.length });
            setDraft((before) => ({
              ...before,
              roles: rolesWith(head.columns, guessRoles(head.columns), kinds[before.kind].roles),
            }));
          }),
        (share) => now(() => setSource((before) => (before === null ? before : { ...before, share }))),
      )
      .then(
        ({ survey, kept }) =>
          now(() => {
            setSource((before) => (before === null ? before : { ...before, survey, kept, share: 1 }));
            setDraft((before) => ({
              ...before,
              names: before.names || (namesFromColumn(before.roles, survey.columns) ?? ""),
            }));
          }),
        (error: unknown) => now(() => setUnreadable(error)),
      );
  };
  const forget = (): void => {
    opened.current++;
    setSource(null);
  };
  const setKind = (kind: TableKind): void =>
    setDraft((now) => withKind(now, kind, source?.head.columns ?? [], source?.survey?.columns ?? []));
  const setRole = (column: number, role: ColumnRole): void =>
    setDraft((now) => {
      const isOne = role !== "show" && role !== "leave";
      const roles = now.roles.map((each, i) => (i === column ? role : isOne && each === role ? "show" : each));
      const names = now.names || (namesFromColumn(roles, source?.survey?.columns ?? []) ?? "");
      return { ...now, roles, names };
    });
  const start = (isTried: boolean): void => {
    setSample(isTried);
    launching.run(async () => {
      // What was checked may be of the mapping before: of this one there may be as many tasks as rows.
      const count = isTried ? sampleSize : (source?.survey?.rows ?? 0);
      const [wallet, made] = await Promise.all([walletSigner(), reader.prepare(mappingOf(draft), count)]);
      const costs = costsFor(made.sampled);
      if (costs === null || source === null) return;
      const { newcomerBudget, deposit } = costs;
      const refundTo = toBase58(wallet.publicKey);
      const market = await watched(
        launch(
          {
            client: account.client,
            wallet,
            key: `${key.current}-${count}-${token?.mint.slice(0, 8) ?? ""}`,
            description: marketOf(draft, {
              newcomerBudget,
              tasks: made.tasks,
              controls: made.controls,
              refundTo,
              mint: token?.mint,
            }),
            deposit,
            first: made.sample,
            rest: isTried ? { name: source.file.name, tasks: made.rest, count: made.tasks - made.sampled } : null,
          },
          setStep,
        ),
      ).finally(() => setStep(null));
      go(pathOfMarket(market.id));
    });
  };
  const setControl = (number: number, answer: Json | null): void =>
    setDraft((now) => {
      const own = new Map(now.own);
      if (answer === null) own.delete(number);
      else own.set(number, answer);
      return { ...now, own };
    });
  const missing = source?.survey === null || source === null ? "file" : missingIn(draft, terms?.decimals ?? 0);
  const page = (
    <div class="wide">
      <h1 tabIndex={-1}>{t("create.title")}</h1>
      {unreadable !== null && <Problem error={unreadable} />}
      {source === null ? (
        <Drop onFile={open} />
      ) : (
        <div class="create">
          <div class="create-main">
            <Data
              reader={reader}
              source={source}
              roles={draft.roles}
              offered={kinds[draft.kind].roles}
              shown={shown}
              known={new Set(draft.own.keys())}
              problems={checked?.problems ?? source.survey?.problems ?? []}
              onRole={setRole}
              onShow={setShown}
              onBad={() => reader.badRows(mappingOf(draft))}
              onOther={forget}
            />
            <KindChoice chosen={draft.kind} onChoose={setKind} />
            <Ask draft={draft} onChange={change} />
            <Quality draft={draft} offers={offers} controls={checked?.controls ?? 0} onChange={change} />
            {known !== null && (
              <TokenChoice client={account.client} network={known} chosen={token} onChoose={setMint} />
            )}
          </div>
          <div class="create-side">
            <Preview
              draft={draft}
              columns={source.head.columns}
              row={row}
              isControl={row !== null && draft.own.has(row.number)}
              onControl={setControl}
              onStep={(by) => setShown((now) => Math.min(Math.max(0, now + by), Math.max(0, source.kept - 1)))}
            />
            <Summary
              isHome={token === undefined || token.mint === known?.mint}
              costs={costsFor(tasks)}
              sampleCosts={costsFor(Math.min(sampleSize, tasks))}
              tasks={tasks}
              sampleSize={sampleSize}
              missing={missing}
              step={step}
              problem={launching.problem}
              isBusy={launching.isBusy}
              onLaunch={start}
              onRetry={() => start(isSample)}
            />
          </div>
        </div>
      )}
    </div>
  );
  return token === undefined ? page : <OfToken token={token}>{page}</OfToken>;
}

/** What stays when another file is chosen. */
const keptOf = ({ kind, question, preset, reward, seconds, people, personsOnly, languages, guide }: MarketDraft) => ({
  ...startOf(kind),
  question,
  preset,
  reward,
  seconds,
  people,
  personsOnly,
  languages,
  guide,
});

const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function useReader(): Reader {
  const reader = useMemo(() => new Reader(), []);
  useEffect(() => () => reader.close(), [reader]);
  return reader;
}

const pauseMs = 250;

/** What the rows become, once nobody has changed anything for a moment. Until then it is what they became before. */
function useChecked(reader: Reader, source: Source | null, draft: MarketDraft): Checked | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  const { roles, names, type, low, high, own } = draft;
  const isRead = source !== null && source.survey !== null;
  useEffect(() => setChecked(null), [source?.file]);
  useEffect(() => {
    if (!isRead) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      reader.check(mappingOf(draft)).then(
        (made) => {
          if (isCurrent) setChecked(made);
        },
        () => undefined,
      );
    }, pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isRead, source?.file, roles, names, type, low, high, own]);
  return checked;
}

/** The row that is looked at. */
function useRow(reader: Reader, source: Source | null, shown: number): TableRow | null {
  const [row, setRow] = useState<TableRow | null>(null);
  useEffect(() => {
    const there = source?.first[shown] ?? null;
    setRow(there);
    if (there !== null || source === null) return;
    let isCurrent = true;
    reader.rows(shown, shown + 1).then(
      ([found]) => {
        if (isCurrent) setRow(found ?? null);
      },
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [source?.file, source?.first, source?.survey, shown]);
  return row;
}

/** What each preset would reach and cost. */
function useOffers(reader: Reader, draft: MarketDraft, tasks: number, terms: Terms | null): readonly Offer[] {
  const [foreseen, setForeseen] = useState<readonly Foreseen[]>([]);
  const choices = classesOf(answerOf(draft));
  const { kind } = draft;
  useEffect(() => {
    setForeseen([]);
    if (!kinds[kind].isAgreed) return;
    let isCurrent = true;
    const supposed = presetNames.map((preset) => ({
      ...overlapOf(draft, preset),
      choices,
      accuracy: accuracySupposed,
      answersWorth: worthOf(preset),
    }));
    reader.foresee(supposed).then(
      (found) => {
        if (isCurrent) setForeseen(found);
      },
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [choices, kind]);
  return presetNames.map((preset, i) => ({
    preset,
    foreseen: foreseen[i] ?? null,
    costs:
      terms !== null && isAmount(draft.reward, terms.decimals)
        ? costsOf({ ...draft, preset }, tasks, foreseen[i] ?? null, terms)
        : null,
  }));
}
