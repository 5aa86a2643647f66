// Asks people which of two summaries is better, and prints what they say. Needs a prepaid balance (`earnest ask`).
//
//     EARNEST_API_KEY=earnest_test_… node examples/ask.mjs
import { Earnest } from "#src/client/earnest";

const { EARNEST_SERVER: server = "http://127.0.0.1:4500", EARNEST_API_KEY: apiKey } = process.env;
const client = new Earnest({ server, apiKey });

const asking = client.ask({
  question: "Which summary is better?",
  content: [
    { label: "A", text: "The committee met on Monday and approved the budget." },
    { label: "B", text: "There was a meeting, and things were decided." },
  ],
  reward: "0.05",
  overlap: { min: 3, max: 3 },
});
for await (const { event, data } of asking) {
  if (event !== "answer") console.log(event, data.slot ?? "");
  else console.log(`${data.answer} (confidence ${data.confidence}, cost ${data.cost})`, data.votes);
}
