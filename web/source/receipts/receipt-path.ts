/** Where the receipt of an answer is shown: its own entry, and the entry of its verdict where that is known. */
export const receiptPath = (
  { market, submission }: { readonly market: string; readonly submission: { readonly sequence: number } },
  decidedSequence?: number,
): string => {
  const sequences = [submission.sequence, ...(decidedSequence === undefined ? [] : [decidedSequence])];
  return `/receipts/${market}/0/${[...new Set(sequences)].sort((a, b) => a - b).join(",")}`;
};
