/** A text in which what stands between backticks is typed as it is: a command, or the name of a field. */
export const WithCode = ({ text }: { readonly text: string }) => (
  <>
    {text.split("`").map((part, i) =>
      i % 2 === 1 ? (
        <code key={part} dir="ltr">
          {part}
        </code>
      ) : (
        part
      ),
    )}
  </>
);
