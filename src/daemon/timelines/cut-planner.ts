import type { Segment } from "../../graph/segment.ts";
import type { Cuts } from "../../protocol/agent-messages.ts";
import { budgetFor, type MemoryBudget } from "../../trunk/budget.ts";
import { type ComingTimeline, placeCuts, placeCutsExactly } from "../../trunk/cuts.ts";
import { cutsWorthKeeping } from "../../trunk/keep-cuts.ts";
import type { EditSigns } from "../../trunk/likelihood.ts";
import { type GitSigns, readGitSigns } from "../../watch/git-signs.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import { availableBytes } from "./available-memory.ts";
import type { EditedFiles } from "./edited-files.ts";
import type { BegunStep, Timelines } from "./timelines.ts";
import { type TimelineOrigin, trunkKey } from "./trunk-key.ts";

const MEMORY_LOOK_EVERY_MS = 5_000;
const GIT_LOOK_EVERY_MS = 120_000;

/** Says where the next timeline is cut, by what was executed and edited, and by how much memory is free. */
export class CutPlanner {
  readonly #root: string;
  readonly #timelines: Timelines;
  readonly #edited: EditedFiles;
  #git: GitSigns | null = null;
  #gitAskedMs = Number.NEGATIVE_INFINITY;
  #budget = budgetFor(null);
  #memoryAskedMs = Number.NEGATIVE_INFINITY;
  /** Settles when git has answered what it was asked; never rejects. */
  settled: Promise<void> = Promise.resolve();

  constructor(root: string, timelines: Timelines, edited: EditedFiles) {
    this.#root = root;
    this.#timelines = timelines;
    this.#edited = edited;
  }

  /** What may be kept now. */
  get budget(): MemoryBudget {
    const now = performance.now();
    if (now - this.#memoryAskedMs > MEMORY_LOOK_EVERY_MS) {
      this.#memoryAskedMs = now;
      this.#budget = budgetFor(availableBytes());
    }
    return this.#budget;
  }

  /** Asks git what it knows, unless that was done lately; called when there is time. */
  lookAtGit(): void {
    const now = performance.now();
    if (now - this.#gitAskedMs < GIT_LOOK_EVERY_MS) return;
    this.#gitAskedMs = now;
    this.settled = readGitSigns(this.#root).then((signs) => {
      this.#git = signs ?? this.#git;
    });
  }

  /** For a timeline that starts anew; `wanted` are the paths that it collects, null for all. */
  forStart(origin: TimelineOrigin, hasPackagesAhead: boolean, wanted: readonly string[] | null): Cuts {
    return this.#place(origin, { executed: new Set(), startMs: 0, hasPackagesAhead }, wanted, 0);
  }

  /** For a timeline that goes on from a checkpoint that has executed `line`. */
  forResume({ start }: Trunk, from: TrunkProcess, line: readonly Segment[], wanted: readonly string[] | null): Cuts {
    if (from.state.kind !== "parked") return placeCuts(this.#edited.all, start.settings.checkpoints);
    const executed = new Set(line.flatMap(({ files }) => Array.from(files, ({ path }) => path)));
    const cutsBefore = from.lineage().filter(isChosen).length;
    return this.#place(start, { executed, startMs: from.state.at.atMs, hasPackagesAhead: false }, wanted, cutsBefore);
  }

  /** Checkpoints that lead to a tip and are not worth their memory any more, earlier tips among them. */
  superfluous(tip: TrunkProcess, chosenByHand: readonly string[]): readonly TrunkProcess[] {
    if (tip.state.kind !== "tip" || !tip.state.tip.isSafe) return [];
    const line = tip.lineage();
    const isEarlierTip = (each: TrunkProcess) => each.state.kind === "tip" && each !== tip;
    const isByHand = (each: TrunkProcess) => chosenByHand.includes(pathBehind(each) ?? "");
    const chosen = line.filter((each) => (isChosen(each) && !isByHand(each)) || isEarlierTip(each));
    const cuts = chosen.map((each) => ({ path: pathBehind(each), atMs: arrivalMs(each) }));
    const first = line.find(({ isParked }) => isParked);
    const { mostCuts: most, priceMs } = this.budget;
    const kept = cutsWorthKeeping(
      {
        cuts,
        files: line.flatMap((each) => this.#timelines.begunBy(each)).flatMap(toFile),
        startMs: first === undefined ? 0 : arrivalMs(first),
        endMs: tip.state.tip.atMs,
        justEdited: this.#justEdited,
      },
      this.#signs,
      { most, priceMs },
    );
    return chosen.filter((each, position) => !kept.has(position) && !each.isForking);
  }

  /** Whether this checkpoint lies right before a file of the latest edit. */
  isBeforeLatestEdit(process: TrunkProcess): boolean {
    const path = pathBehind(process);
    return path !== null && this.#justEdited.includes(path);
  }

  get #justEdited(): readonly string[] {
    return this.#edited.latest.map((path) => this.#timelines.readerOf(path));
  }

  get #signs(): EditSigns {
    const { changed = new Set<string>(), commits = [] } = this.#git ?? {};
    const edited = this.#edited.all.map((path) => this.#timelines.readerOf(path));
    return { edited: [...new Set(edited.toReversed())].toReversed(), changed, commits };
  }

  #place(
    origin: TimelineOrigin,
    coming: Pick<ComingTimeline, "executed" | "startMs" | "hasPackagesAhead">,
    wanted: readonly string[] | null,
    cutsBefore: number,
  ): Cuts {
    const steps = this.#timelines.of(trunkKey(origin));
    const { checkpoints } = origin.settings;
    if (steps.length === 0) return placeCuts(this.#edited.all, checkpoints);
    const { mostCuts, priceMs } = this.budget;
    return placeCutsExactly(
      { ...coming, steps, justEdited: this.#justEdited, checkpoints, isWanted: (path) => isWithin(path, wanted) },
      this.#signs,
      { most: Math.max(0, mostCuts - cutsBefore), priceMs },
    );
  }
}

/** Whether this checkpoint is one that was chosen: each timeline is cut at its start or behind its packages. */
function isChosen({ state }: TrunkProcess): boolean {
  return state.kind === "parked" && state.at.kind !== "start" && state.at.kind !== "packages";
}

function pathBehind({ state }: TrunkProcess): string | null {
  return state.kind === "parked" ? state.at.path : null;
}

function arrivalMs({ state }: TrunkProcess): number {
  if (state.kind === "parked") return state.at.atMs;
  return state.kind === "tip" ? state.tip.atMs : 0;
}

function toFile({ kind, path, atMs }: BegunStep): readonly { readonly path: string; readonly atMs: number }[] {
  return path === null || kind === "library" || kind === "rewritten" ? [] : [{ path, atMs }];
}

function isWithin(path: string, wanted: readonly string[] | null): boolean {
  return wanted === null || wanted.some((each) => path === each || path.startsWith(`${each}/`));
}
