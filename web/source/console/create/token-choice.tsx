import { useEffect, useState } from "preact/hooks";
import type { Network } from "../../../../src/contract/network.ts";
import type { NewToken, Token } from "../../../../src/contract/tokens.ts";
import { toBase58 } from "../../../../src/core/bytes.ts";
import { networkAnew, networkFound, watched } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { isAmount } from "../../parts/amounts.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { nameOfToken } from "../../parts/tokens.tsx";
import { isAddress } from "../../screens/wallet/address-field.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { useStore } from "../../store.ts";
import { type Account, walletSigner } from "../account.ts";
import { NewLine } from "../parts/new-line.tsx";
import { NumberField } from "./ask.tsx";
import { wellKnownTokens } from "./well-known-tokens.ts";

interface TokenChoiceProps {
  readonly client: Account["client"];
  readonly network: Network;
  readonly chosen: Token | undefined;
  readonly onChoose: (mint: string) => void;
}

/** What the market is paid in: what the network pays in already, a token that is there, or one that is issued for it. */
export function TokenChoice({ client, network, chosen, onChoose }: TokenChoiceProps) {
  const task = useTask();
  const add = (wanted: () => Promise<NewToken>): void =>
    task.run(async () => {
      const { mint } = await watched(client.addToken(await wanted()));
      await networkAnew();
      onChoose(mint);
    });
  return (
    <section class="panel" id="token" aria-labelledby="token-title">
      <h2 id="token-title">{t("token.title")}</h2>
      <p class="faint">{t("token.text")}</p>
      <fieldset class="tiles" aria-labelledby="token-title">
        {network.tokens.map((token) => (
          <label key={token.mint} class="tile">
            <input
              type="radio"
              name="token"
              checked={token.mint === chosen?.mint}
              onChange={() => onChoose(token.mint)}
            />
            <span>
              <bdi>{nameOfToken(token, network)}</bdi>{" "}
              <code class="faint" title={token.mint}>
                {shortKey(token.mint)}
              </code>
            </span>
          </label>
        ))}
      </fieldset>
      {chosen !== undefined && <Meaning network={network} token={chosen} />}
      {task.problem !== null && <Problem error={task.problem} />}
      <details class="more">
        <summary>{t("token.issue")}</summary>
        <IssueForm
          chosen={chosen?.mint}
          isBusy={task.isBusy}
          onIssue={(issue) => add(async () => ({ issue: await issue() }))}
        />
      </details>
      <details class="more">
        <summary>{t("token.other")}</summary>
        <p class="faint">{t("token.otherText")}</p>
        {wellKnownTokens(network.cluster, network.tokens).map(({ symbol, mint }) => (
          <p key={mint}>
            <button type="button" class="button" disabled={task.isBusy} onClick={() => add(async () => ({ mint }))}>
              {t("token.useOne", { symbol })}
            </button>{" "}
            <code class="faint" title={mint}>
              {shortKey(mint)}
            </code>
          </p>
        ))}
        <NewLine
          label={t("token.mint")}
          act={t("token.use")}
          isBusy={task.isBusy}
          onCreate={(mint) => add(async () => ({ mint }))}
        />
      </details>
    </section>
  );
}

/** What it means to pay in it. */
function Meaning({ network: { mint, testTokens }, token }: { readonly network: Network; readonly token: Token }) {
  const isGiven = testTokens === true && token.mint === mint;
  return (
    <>
      <p class="faint">{t(isGiven ? "create.testTokens" : "create.ownTokens")}</p>
      {!isGiven && <Held mint={token.mint} />}
      {token.canFreeze && <p class="faint">{t("token.canFreeze")}</p>}
    </>
  );
}

/** Which wallet has to have it. */
function Held({ mint }: { readonly mint: string }) {
  const [wallet, setWallet] = useState("");
  useEffect(() => {
    walletSigner().then(
      ({ publicKey }) => setWallet(toBase58(publicKey)),
      () => undefined,
    );
  }, [mint]);
  return wallet === "" ? null : (
    <p class="faint">
      {t("token.from")} <code class="hash">{wallet}</code>
    </p>
  );
}

const authorities = ["keep", "burn", "give"] as const;
type Authority = (typeof authorities)[number];

const decimalsMax = 9;

interface IssueFormProps {
  /** What is paid in now: the one that was just issued is not taken by anybody else. */
  readonly chosen: string | undefined;
  readonly isBusy: boolean;
  readonly onIssue: (issue: () => Promise<NonNullable<NewToken["issue"]>>) => void;
}

function IssueForm({ chosen, isBusy, onIssue }: IssueFormProps) {
  const [name, setName] = useState("");
  const [symbol, setSymbol] = useState("");
  const [decimals, setDecimals] = useState(6);
  const [supply, setSupply] = useState("1000000");
  const [authority, setAuthority] = useState<Authority>("keep");
  const [other, setOther] = useState("");
  const known = useStore(networkFound)?.tokens.filter(({ mint }) => mint !== chosen) ?? [];
  const isTaken = known.some((each) => each.symbol?.toLowerCase() === symbol.toLowerCase() && symbol !== "");
  const isReady =
    name.trim() !== "" && symbol !== "" && isAmount(supply, decimals) && (authority !== "give" || isAddress(other, ""));
  const text = (label: string, value: string, lengthMax: number, onText: (value: string) => void) => (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        dir="auto"
        autocomplete="off"
        maxLength={lengthMax}
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </label>
  );
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady || isBusy) return;
        onIssue(async () => ({
          name: name.trim(),
          symbol,
          decimals,
          supply,
          authority: authority === "give" ? other.trim() : authority,
          // Deposits come from this browser's wallet.
          to: toBase58((await walletSigner()).publicKey),
        }));
      }}
    >
      <p class="faint">{t("token.issueText")}</p>
      <div class="field-pair">
        {text(t("token.name"), name, 32, setName)}
        {text(t("token.symbol"), symbol, 10, (value) => setSymbol(value.trim()))}
      </div>
      {isTaken && <p class="warning">{t("token.taken")}</p>}
      <div class="field-pair">
        {text(t("token.supply"), supply, 20, (value) => setSupply(value.trim()))}
        <NumberField
          label={t("token.decimals")}
          value={decimals}
          min={0}
          onValue={(value) => setDecimals(Math.min(decimalsMax, Math.max(0, Math.round(value))))}
        />
      </div>
      <p class="faint">{t("token.decimalsText")}</p>
      <fieldset>
        <legend>{t("token.authority")}</legend>
        {authorities.map((each) => (
          <label key={each} class="switch">
            <input type="radio" name="authority" checked={authority === each} onChange={() => setAuthority(each)} />
            <span>
              {t(`token.${each}`)} <span class="faint">{t(`token.${each}Text`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {authority === "give" && text(t("token.address"), other, 44, setOther)}
      <button type="submit" class="button" disabled={!isReady || isBusy}>
        {t(isBusy ? "common.loading" : "token.issueNow")}
      </button>
    </form>
  );
}
