/** Long enough for some quick tests to end, and too short for an eye. */
const GATHER_MS = 4;

/** Something that can be told to bring nothing for a while; what is written meanwhile stays in the kernel. */
export interface Source {
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * Lets what comes in small pieces come together. Each piece that wakes the daemon, and the requester behind it, takes a core
 * from the tests for a moment.
 */
export class Gathering {
  readonly #paused = new Set<Source>();
  #timer: NodeJS.Timeout | undefined;

  /** Reads nothing from this source for some milliseconds. */
  wait(source: Source): void {
    source.pause();
    this.#paused.add(source);
    this.#timer ??= setTimeout(() => this.#readOn(), GATHER_MS);
  }

  #readOn(): void {
    this.#timer = undefined;
    const sources = [...this.#paused];
    this.#paused.clear();
    for (const source of sources) source.resume();
  }
}
