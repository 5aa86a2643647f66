import Fastify from "fastify";

/** What Fastify alone does with a request like a turn, in a process of its own; ends on SIGTERM. */
const app = Fastify({ logger: false });
const answer = { filled: "x".repeat(1_000) };
app.post("/", async () => answer);
console.log(JSON.stringify({ url: await app.listen({ host: "127.0.0.1", port: 0 }) }));
process.once("SIGTERM", () => process.exit(0));
