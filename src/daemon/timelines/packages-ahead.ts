import type { Ahead } from "../../protocol/agent-messages.ts";
import { learnAhead, NOTHING_AHEAD, withoutPackages } from "../../trunk/ahead.ts";
import { contentHash } from "../../watch/fingerprint.ts";
import { changedImports, describeSources, type ImportSource } from "../../watch/import-lines.ts";
import { InstalledPackages } from "../../watch/installed-packages.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { Growth, Tip, TrunkProcess } from "../../worker/trunk-process.ts";
import type { Places } from "../places.ts";
import type { Recorder } from "../recorder.ts";
import type { Freshness } from "./freshness.ts";
import { type TimelineOrigin, trunkKey } from "./trunk-key.ts";

/** A natural start shows again from time to time what the project imports at all. */
const LONGEST_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/** A list of packages with what it was learned from: it holds as long as all of this is the same. */
interface Learned {
  readonly ahead: Ahead;
  /** What was installed: folder and digest. */
  readonly installed: readonly (readonly [folder: string, digest: string])[];
  /** pytest's configuration, and its content: it decides which warnings are shown. */
  readonly configFile: string | null;
  readonly config: string | null;
  /** What the project's files import; empty in the life of the daemon that has learned it, which sees their edits. */
  readonly sources: readonly ImportSource[];
  readonly atMs: number;
}

/**
 * Installed modules whose place in the timeline does not matter, by command. They are learned from a start in the
 * natural order, hold for later starts in this life of the daemon and the next ones, and are given up at the first doubt.
 */
export class PackagesAhead {
  readonly #places: Places;
  readonly #freshness: Freshness;
  readonly #recorder: Recorder;
  readonly #packages = new InstalledPackages();
  readonly #learned = new Map<string, Learned | null>();
  /** Commands whose packages have to stay in their natural place. */
  readonly #inPlace = new Set<string>();

  constructor(places: Places, freshness: Freshness, recorder: Recorder) {
    this.#places = places;
    this.#freshness = freshness;
    this.#recorder = recorder;
  }

  /** What a trunk for this command imports ahead. */
  of(origin: TimelineOrigin): Ahead {
    const key = keyOf(origin);
    if (this.#inPlace.has(key)) return NOTHING_AHEAD;
    let learned = this.#learned.get(key);
    if (learned === undefined) {
      learned = toLearned(this.#recorder.history.fact(factKey(key)));
      this.#learned.set(key, learned);
    }
    return learned !== null && this.#stillHolds(learned)
      ? withoutPackages(learned.ahead, origin.settings.neverAhead)
      : NOTHING_AHEAD;
  }

  /** A trunk has reached its tip. Only a timeline in its natural order shows whether that order matters. */
  learn({ start }: Trunk, process: TrunkProcess, { notAhead, failed, configFile }: Tip): void {
    if (start.ahead.modules.length > 0) return;
    const key = keyOf(start);
    const isSafe = notAhead === null && !this.#inPlace.has(key);
    if (!isSafe) {
      this.#forget(key);
      return;
    }
    const learned: Learned = {
      ahead: learnAhead(this.#freshness.line(process), failed),
      installed: [...this.#freshness.installedFor(process)],
      configFile,
      config: hashOf(configFile),
      sources: [],
      atMs: Date.now(),
    };
    this.#learned.set(key, learned);
    this.#recorder.whenQuiet(this.#remember(key, learned, process));
  }

  /** A start that has imported packages ahead is none where it shows that their natural place matters after all. */
  judge(trunk: Trunk, growth: Growth): Growth {
    const doubt = growth.kind === "tip" && trunk.start.ahead.modules.length > 0 ? growth.tip.notAhead : null;
    const judged: Growth = doubt === null ? growth : { kind: "not-ahead", reason: doubt };
    if (judged.kind === "not-ahead") {
      const key = keyOf(trunk.start);
      this.#places.log(`packages stay in their place: ${judged.reason}`);
      this.#inPlace.add(key);
      this.#forget(key);
    }
    return judged;
  }

  *#remember(key: string, learned: Learned, process: TrunkProcess): Generator<void> {
    const files = this.#freshness.line(process).flatMap((segment) => [...segment.files]);
    const sources = yield* describeSources(files);
    if (sources === undefined || this.#learned.get(key) !== learned) return;
    this.#recorder.later((history) => history.saveFact(factKey(key), { ...learned, sources }, learned.atMs));
  }

  #forget(key: string): void {
    this.#learned.set(key, null);
    this.#recorder.later((history) => history.saveFact(factKey(key), null, Date.now()));
  }

  #stillHolds({ installed, configFile, config, sources, atMs }: Learned): boolean {
    const ageMs = Date.now() - atMs;
    if (ageMs < 0 || ageMs > LONGEST_LIFE_MS || hashOf(configFile) !== config) return false;
    const areInstalled = installed.every(([folder, digest]) => this.#packages.digestOf(folder) === digest);
    return areInstalled && changedImports(sources) === undefined;
  }
}

/** What never comes ahead belongs to it: with another choice the order is tried anew. */
function keyOf(origin: TimelineOrigin): string {
  const { neverAhead } = origin.settings;
  return neverAhead.length === 0 ? trunkKey(origin) : `${trunkKey(origin)} without ${neverAhead.join(" ")}`;
}

function factKey(trunkKey: string): string {
  return `ahead ${trunkKey}`;
}

function hashOf(path: string | null): string | null {
  return path === null ? null : (contentHash(path) ?? null);
}

// Only this program writes it, and yet it is a file that anything can have happened to.
function toLearned(fact: unknown): Learned | null {
  if (typeof fact !== "object" || fact === null) return null;
  const { ahead, installed, sources, atMs } = fact as Partial<Learned>;
  const isWhole = [ahead?.modules, ahead?.never, installed, sources].every(Array.isArray);
  return isWhole && typeof atMs === "number" ? (fact as Learned) : null;
}
