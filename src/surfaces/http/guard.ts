import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Why a request is refused before anything is done for it. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly sentence: string;
}

/** What a request says of where it comes from. */
export interface Visitor {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
}

/** Refuses a page of another origin, and a name that was made to point here; undefined for who may pass. */
export function refuseStranger({ host = "", origin }: IncomingHttpHeaders, port: number): Refusal | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(host)) return { status: 403, sentence: `Expected the host ${hosts.join(" or ")}.` };
  if (origin !== undefined && !hosts.some((each) => origin === `http://${each}`)) {
    return { status: 403, sentence: "Pages of another origin are not answered." };
  }
  return undefined;
}

/**
 * Lets in whoever knows the token, by a name of this very machine: a page of another origin and a name that was made to
 * point here are refused, even with the token. Returns undefined for who may pass.
 */
export function refuse({ headers, query }: Visitor, port: number, token: string): Refusal | undefined {
  const stranger = refuseStranger(headers, port);
  if (stranger !== undefined) return stranger;
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? query.get("token") ?? "";
  if (isSame(given, token)) return undefined;
  return { status: 401, sentence: "Expected the header `Authorization: Bearer TOKEN`, with the token of this server." };
}

// Over digests, so that neither length nor beginning can be found out by time.
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
