import { useState } from "preact/hooks";

interface NewLineProps {
  readonly label: string;
  readonly act: string;
  readonly isBusy: boolean;
  readonly type?: "text" | "url";
  readonly onCreate: (text: string) => void;
}

/** One line of text of which something new is made. */
export function NewLine({ label, act, isBusy, type = "text", onCreate }: NewLineProps) {
  const [text, setText] = useState("");
  return (
    <form
      class="field-line"
      onSubmit={(event) => {
        event.preventDefault();
        onCreate(text.trim());
        setText("");
      }}
    >
      <input
        class="input"
        type={type}
        dir={type === "url" ? "ltr" : "auto"}
        maxLength={type === "url" ? 2_000 : 100}
        aria-label={label}
        placeholder={label}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" class="button" disabled={isBusy || text.trim() === ""}>
        {act}
      </button>
    </form>
  );
}
