import type { FastifyInstance } from "fastify";

const links: readonly (readonly [path: string, text: string])[] = [
  ["/v1/markets", "Markets"],
  ["/v1/totals", "What was earned, and what is settled on chain"],
  ["/v1/network", "The network: chain, token, vault, signer"],
  ["/openapi.json", "The API, as OpenAPI 3.1"],
  ["/metrics", "Metrics"],
];

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Earnest</title>
<style>
  :root { color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 10vh auto; padding: 0 1.25rem; }
  h1 { line-height: 1.2; }
  ul { padding: 0; list-style: none; }
  a { display: block; padding: 0.7rem 0; }
</style>
<main>
  <h1>Earnest is running</h1>
  <p>Work is posted, verified and paid here. This address is the API; programs and the command line use it.</p>
  <ul>${links.map(([path, text]) => `<li><a href="${path}">${text}</a>`).join("")}</ul>
</main>
</html>
`;

/** What a browser finds at the address that a start prints. */
export function addHomePage(api: FastifyInstance): void {
  api.get("/", (_request, reply) =>
    reply
      .header(
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      )
      .header("x-content-type-options", "nosniff")
      .type("text/html; charset=utf-8")
      .send(page),
  );
}
