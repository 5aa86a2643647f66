import { z } from "zod";
import { attestorSignature, commit, commitOutcome, commits } from "./commits.ts";
import { route } from "./route.ts";
import { ofToken } from "./tokens.ts";
import { cursor, hash32, limitText } from "./wire.ts";

const ofCommit = z.strictObject({ digest: hash32 });

/** What attestors sign, and everybody can look at. */
export const commitRoutes = {
  listCommits: route("listCommits", {
    tag: "commits",
    method: "GET",
    path: "/v1/commits",
    auth: "none",
    summary: "Commit messages of a token's pool with who signed them, the newest first",
    query: ofToken.extend({ after: cursor.optional(), limit: limitText.optional() }),
    response: commits,
    errors: ["TOKEN_NOT_FOUND"],
  }),
  getCommit: route("getCommit", {
    tag: "commits",
    method: "GET",
    path: "/v1/commits/:digest",
    auth: "none",
    summary: "A commit message, by its digest",
    params: ofCommit,
    response: commit,
    errors: ["COMMIT_NOT_FOUND"],
  }),
  getLeafFile: route("getLeafFile", {
    tag: "commits",
    method: "GET",
    path: "/v1/commits/:digest/leaves",
    auth: "none",
    summary:
      "All leaves under a commit's roots: what everybody is owed, what markets allocated, how far lanes were cut",
    params: ofCommit,
    responseKind: "bytes",
    errors: ["COMMIT_NOT_FOUND"],
  }),
  signCommit: route("signCommit", {
    tag: "commits",
    method: "POST",
    path: "/v1/commits/:digest/signatures",
    auth: "none",
    summary: "An attestor's signature over a commit message; the same again changes nothing",
    params: ofCommit,
    body: attestorSignature,
    response: commit,
    errors: ["COMMIT_NOT_FOUND", "SIGNATURE_MISMATCH"],
  }),
  refuseCommit: route("refuseCommit", {
    tag: "commits",
    method: "POST",
    path: "/v1/commits/:digest/outcomes",
    auth: "none",
    summary: "Why an attestor does not sign a commit message; its last word counts",
    params: ofCommit,
    body: commitOutcome,
    response: commit,
    errors: ["COMMIT_NOT_FOUND", "SIGNATURE_MISMATCH"],
  }),
} as const;
