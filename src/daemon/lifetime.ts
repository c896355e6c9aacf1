import type { Values } from "../config/keys.ts";
import { DEFAULT_TTL_SECONDS } from "../config/keys.ts";

/** How long the daemon stays when nothing is asked of it: what its starter said, or else what the last run was configured with. */
export class Lifetime {
  readonly #isGiven: boolean;
  #ttlMs: number;

  constructor(givenSeconds: number | undefined) {
    this.#isGiven = givenSeconds !== undefined;
    this.#ttlMs = (givenSeconds ?? DEFAULT_TTL_SECONDS) * 1000;
  }

  get ttlMs(): number {
    return this.#ttlMs;
  }

  /** Takes what is in force now. */
  configured({ ttl }: Pick<Values, "ttl">): void {
    if (!this.#isGiven) this.#ttlMs = ttl * 1000;
  }
}
