import { useEffect, useRef, useState } from "preact/hooks";
import type { Market } from "../../../src/contract/markets.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import { go } from "../router.ts";
import { useStore } from "../store.ts";
import { account, signOut } from "./account.ts";
import { pathOfMarket } from "./routes.ts";

interface Command {
  readonly name: string;
  readonly hint: string;
  readonly run: () => void;
}

const marketsMax = 100;

/** Everything that can be gone to or done, found by a few letters: Cmd-K. */
export function Commands({ onClose }: { readonly onClose: () => void }) {
  const known = useStore(account);
  const [markets, setMarkets] = useState<readonly Market[]>([]);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const dialogue = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialogue.current?.setAttribute("closedby", "any");
    dialogue.current?.showModal();
  }, []);
  useEffect(() => {
    if (known === null) return;
    known.client.markets
      .list({ owner: known.owner, limit: marketsMax })
      .page(null)
      .then(({ items }) => setMarkets(items))
      .catch(() => undefined);
  }, [known]);
  const all = commandsOf(markets, known !== null);
  const words = typed.toLowerCase().split(/\s+/);
  const found = all.filter(({ name, hint }) => words.every((word) => `${name} ${hint}`.toLowerCase().includes(word)));
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    dialogue.current?.close();
    command.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") run(found[chosen]);
    else if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialogue} class="sheet commands" aria-label={t("console.commands")} onClose={onClose}>
      <input
        class="input commands-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length === 0 ? undefined : `command-${chosen}`}
        aria-label={t("console.commands")}
        placeholder={t("console.commandsHint")}
        autocomplete="off"
        value={typed}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="commands" class="commands-list" role="listbox" aria-label={t("console.commands")}>
        {found.map((command, i) => (
          <button
            key={`${command.name} ${command.hint}`}
            id={`command-${i}`}
            type="button"
            role="option"
            tabIndex={-1}
            class="command"
            aria-selected={i === chosen}
            onClick={() => run(command)}
          >
            <span dir="auto">{command.name}</span>
            <span class="faint">{command.hint}</span>
          </button>
        ))}
      </div>
      {found.length === 0 && <p class="commands-none">{t("console.nothingFound")}</p>}
    </dialog>
  );
}

function commandsOf(markets: readonly Market[], isSignedIn: boolean): readonly Command[] {
  const goes = (name: string, path: string, hint = ""): Command => ({ name, hint, run: () => go(path) });
  return [
    goes(t("console.new"), "/console/new"),
    goes(t("console.markets"), "/console"),
    goes(t("console.developers"), "/console/developers"),
    goes(t("console.explorer"), "/explorer"),
    { name: t("console.earn"), hint: "", run: () => location.assign("/") },
    ...markets.flatMap(({ id, title }) => {
      const name = safeText(title, 80);
      return [
        goes(name, pathOfMarket(id), t("live.overview")),
        goes(name, pathOfMarket(id, "items"), t("live.items")),
        goes(name, pathOfMarket(id, "export"), t("live.export")),
      ];
    }),
    ...(isSignedIn ? [{ name: t("console.signOut"), hint: "", run: signOut }] : []),
  ];
}
