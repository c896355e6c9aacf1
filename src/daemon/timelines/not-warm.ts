import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { RunRequest } from "../runs/run-request.ts";
import type { Freshness } from "./freshness.ts";
import { programKey } from "./trunk-key.ts";

/** Command lines that only plain pytest can serve. None is tried again until something that led to this has changed. */
export class NotWarm {
  readonly #freshness: Freshness;
  readonly #known = new Map<string, { readonly reason: string; readonly line: readonly TrunkProcess[] }>();

  constructor(freshness: Freshness) {
    this.#freshness = freshness;
  }

  /** Why this cannot be kept warm, or empty. */
  why(request: RunRequest): string {
    const known = this.#known.get(programKey(request));
    if (known === undefined || !this.#freshness.isFresh(known.line, request.requester.env)) return "";
    return known.reason;
  }

  /** These processes have found out why, with what they had loaded by then. */
  note(request: RunRequest, reason: string, line: readonly TrunkProcess[]): void {
    for (const process of line) this.#freshness.parked(process);
    this.#known.set(programKey(request), { reason, line });
  }
}
