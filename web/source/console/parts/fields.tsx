import { t } from "../../i18n.ts";
import { token } from "../../parts/money.tsx";

interface FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** Something that can be paid: more than nothing, and no finer than the token. */
export const isAmount = (text: string): boolean => /^\d{1,12}(\.\d{1,6})?$/.test(text) && Number(text) > 0;

export const AmountField = ({ value, onInput }: FieldProps) => (
  <label class="field">
    <span>{t("live.amount", { token })}</span>
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
