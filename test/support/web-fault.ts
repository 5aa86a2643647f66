/** What the API answers where something failed inside, for pages that have to show it. */
export const fault = {
  type: "https://earnest.test/errors#INTERNAL_ERROR",
  title: "INTERNAL_ERROR",
  status: 500,
  code: "INTERNAL_ERROR",
  detail: "Something failed here.",
  next: "Ask again later.",
};
