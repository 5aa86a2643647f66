import { useId } from "preact/hooks";
import { bytes32, fromBase58 } from "../../../../src/core/bytes.ts";
import { t } from "../../i18n.ts";

interface AddressFieldProps {
  readonly label: string;
  readonly value: string;
  /** One's own, where nothing can be sent. */
  readonly own: string;
  readonly onInput: (value: string) => void;
}

/** A wallet's address; what is wrong with it is said once it looks finished. */
export function AddressField({ label, value, own, onInput }: AddressFieldProps) {
  const id = useId();
  const isWrong = value.length >= 32 && !isAddress(value, own);
  const wrong = value === own ? t("address.own") : t("address.wrong");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input input-address"
        dir="ltr"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        maxLength={60}
        value={value}
        aria-invalid={isWrong}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => onInput(currentTarget.value.trim())}
      />
      <span id={`${id}-hint`} class={isWrong ? "wrong" : "faint"} role={isWrong ? "alert" : undefined}>
        {isWrong ? wrong : t("address.hint")}
      </span>
    </div>
  );
}

export function isAddress(text: string, own: string): boolean {
  try {
    bytes32(fromBase58(text));
    return text !== own;
  } catch {
    return false;
  }
}
