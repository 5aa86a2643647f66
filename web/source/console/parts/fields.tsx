import { t } from "../../i18n.ts";
import { useToken } from "../../parts/tokens.tsx";

interface FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

export function AmountField({ value, onInput }: FieldProps) {
  const { name } = useToken();
  return (
    <label class="field">
      <span>{t("live.amount", { token: name })}</span>
      <input
        class="input"
        inputMode="decimal"
        dir="ltr"
        autocomplete="off"
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value.trim())}
      />
    </label>
  );
}

/** What a contributor is told, in the requester's own words. */
export const NoteField = ({ value, onInput }: FieldProps) => (
  <label class="field">
    <span>{t("live.note")}</span>
    <input
      class="input"
      dir="auto"
      maxLength={500}
      value={value}
      onInput={({ currentTarget }) => onInput(currentTarget.value)}
    />
  </label>
);
