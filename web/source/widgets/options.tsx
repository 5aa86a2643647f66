import type { ComponentChildren } from "preact";
import { safeText } from "../content/safe-text.ts";

export interface OptionProps {
  readonly name: string;
  readonly isMany?: boolean;
  readonly isChosen: boolean;
  /** It cannot be chosen now: as many are chosen as may be. */
  readonly isOff?: boolean;
  /** The key that chooses it: 1 to 9. */
  readonly hotkey?: number;
  readonly onChoose: () => void;
  readonly children: ComponentChildren;
}

/** One answer to choose: a real radio button or check box under a surface as large as a thumb. */
export function Option({ name, isMany = false, isChosen, isOff = false, hotkey, onChoose, children }: OptionProps) {
  return (
    <label class={`option${isChosen ? " option-chosen" : ""}${isOff ? " option-off" : ""}`}>
      <input type={isMany ? "checkbox" : "radio"} name={name} checked={isChosen} disabled={isOff} onChange={onChoose} />
      <span class="option-text" dir="auto">
        {children}
      </span>
      {hotkey !== undefined && hotkey <= 9 && (
        <span class="key" aria-hidden="true">
          {hotkey}
        </span>
      )}
    </label>
  );
}

export const optionText = (labels: ReadonlyMap<string, string>, id: string): string =>
  safeText(labels.get(id) ?? id, 400);
