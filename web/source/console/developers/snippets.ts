/** Code that runs as it stands: with the address of this server and the ids of what is here. */
export const resultsCode = (server: string, market: string): string => `import { Earnest } from "earnest/client";

const earnest = new Earnest({ server: "${server}", apiKey: process.env.EARNEST_KEY });
const market = await earnest.markets.get("${market}");
for await (const { id, label, confidence } of earnest.markets.results(market.id)) {
  console.log(id, label, confidence);
}`;

export const curlCode = (server: string, market: string): string => `curl -H "Authorization: Bearer $EARNEST_KEY" \\
  "${server}/v1/markets/${market}/results?format=csv"`;

export const webhookCode = (): string => `import { createServer } from "node:http";
import { readWebhook } from "earnest/client";

createServer(async (request, response) => {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += piece;
  try {
    const { type, data } = await readWebhook(body, request.headers, process.env.EARNEST_WEBHOOK_SECRET);
    if (type === "market.events") for (const { kind, id } of data.events) console.log(kind, id);
    else console.log(type);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(process.env.PORT ?? 8080);`;
