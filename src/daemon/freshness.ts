import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Segment } from "../graph/segment.ts";
import type { TimelineEvent } from "../protocol/agent-messages.ts";
import type { FileEdit } from "../protocol/events.ts";
import type { Checkpoint } from "../trunk/place.ts";
import { type Birth, Births } from "../watch/births.ts";
import { FileStates } from "../watch/file-states.ts";
import { InstalledPackages, siteFolderOf } from "../watch/installed-packages.ts";
import type { TrunkProcess } from "../worker/trunk-process.ts";

/** Files whose appearance changes how pytest starts: nothing behind its own import can be kept. */
const STARTING_FILES = new Set(
  "conftest.py __init__.py pytest.ini .pytest.ini pytest.toml .pytest.toml pyproject.toml tox.ini setup.cfg setup.py".split(
    " ",
  ),
);

/** Variables that pytest reads to decide how it prints, and that shells count up: a leader takes them over. */
const PASSING_VARIABLES = new Set(
  "COLUMNS LINES TERM NO_COLOR FORCE_COLOR PY_COLORS CI BUILD_NUMBER PYTEST_ADDOPTS PYTEST_THEME PYTEST_THEME_MODE _ SHLVL PWD OLDPWD WINDOWID TERM_SESSION_ID".split(
    " ",
  ),
);

type Environment = Readonly<Record<string, string>>;

/** Says of each parked process whether something that was loaded up to there is not the same any more, and what. */
export class Freshness {
  readonly #root: string;
  readonly #files = new FileStates();
  readonly #births = new Births();
  /** Which files that decide how pytest starts there were, by the process that began after pytest's import. */
  readonly #starting = new WeakMap<TrunkProcess, ReadonlyMap<string, boolean>>();
  readonly #packages = new InstalledPackages();
  /** What was installed in the folders that a timeline has used, by its first process. */
  readonly #installed = new WeakMap<TrunkProcess, Map<string, string>>();
  readonly #segments = new WeakMap<TrunkProcess, Segment>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A process has loaded more. */
  learn(process: TrunkProcess, events: readonly TimelineEvent[], cwd: string): void {
    const isBranch = process.parent !== null && process.parent.parent === null;
    if (isBranch && !this.#starting.has(process)) this.#starting.set(process, startingFiles(cwd));
    this.segmentOf(process).add(events);
  }

  /** A process has loaded all that it will: what appears in its folders from then on may be found by its imports. */
  parked(process: TrunkProcess): void {
    const segment = this.segmentOf(process);
    for (const directory of segment.directories) this.#births.watch(directory, process.bornMs);
    const [first] = process.lineage();
    const installed = first === undefined ? undefined : this.#installedOf(first);
    for (const [, path] of segment.libraries) {
      const folder = path === null ? null : siteFolderOf(path);
      if (folder !== null && installed?.has(folder) === false) installed.set(folder, this.#packages.digestOf(folder));
    }
  }

  /** A timeline has reached its tip: `made` is what it has created, with the index of the event before. */
  reachedTip(tip: TrunkProcess, made: readonly (readonly [path: string, index: number])[]): void {
    const line = tip.lineage();
    for (const [path, index] of made) {
      const maker = line.find((each) => each.state.kind === "parked" && each.state.at.index > index) ?? tip;
      this.segmentOf(maker).addMade(path);
    }
  }

  /** What one process has loaded. */
  segmentOf(process: TrunkProcess): Segment {
    let segment = this.#segments.get(process);
    if (segment === undefined) {
      segment = new Segment();
      this.#segments.set(process, segment);
    }
    return segment;
  }

  /** What a process and those before it have loaded, in the order of the timeline. */
  line(process: TrunkProcess): readonly Segment[] {
    return process.lineage().map((each) => this.segmentOf(each));
  }

  /** Reads the content of what was loaded; called when there is time. */
  remember(processes: readonly TrunkProcess[]): void {
    for (const process of processes) this.#files.remember(this.segmentOf(process).files);
  }

  /** Looks at the disk once, and then judges every process that is parked. */
  check(processes: readonly TrunkProcess[], env: Environment): readonly Checkpoint[] {
    this.#files.refresh();
    const births = this.#births.check();
    const lost = this.#withLostStartingFiles(processes);
    const verdicts = new Map<TrunkProcess, string | null>();
    const judge = (process: TrunkProcess): string | null => {
      const known = verdicts.get(process);
      if (known !== undefined) return known;
      const inherited = process.parent === null ? null : judge(process.parent);
      const verdict = inherited ?? lost.get(process) ?? this.#staleness(process, births, env);
      verdicts.set(process, verdict);
      return verdict;
    };
    return processes
      .filter(({ isParked }) => isParked)
      .map((process) => ({
        id: process.id,
        index: indexOf(process),
        isTip: process.state.kind === "tip",
        stale: judge(process),
      }));
  }

  /** Whether nothing that these processes have loaded is different now. */
  isFresh(processes: readonly TrunkProcess[], env: Environment): boolean {
    this.#files.refresh();
    const births = this.#births.check();
    return processes.every((process) => this.#staleness(process, births, env) === null);
  }

  /** What has changed on disk since these processes loaded it; uses the last look. */
  edits(process: TrunkProcess): readonly FileEdit[] {
    const edits: FileEdit[] = [];
    for (const segment of this.line(process)) {
      for (const file of segment.files) {
        if (!this.#files.isSame(file))
          edits.push({ path: this.#name(file.path), kind: this.#files.kindOfChange(file) });
      }
    }
    return edits;
  }

  #staleness(process: TrunkProcess, births: readonly Birth[], env: Environment): string | null {
    const segment = this.segmentOf(process);
    const isFirst = process.parent === null;
    for (const [path, existed] of this.#starting.get(process) ?? []) {
      if (existsSync(path) !== existed) return `${this.#name(path)} ${existed ? "deleted" : "created"}`;
    }
    for (const [folder, digest] of this.#installedOf(process)) {
      if (this.#packages.digestOf(folder) !== digest) return `installed packages changed in ${folder}`;
    }
    for (const name of segment.variables) {
      if (name === "*" ? differs(process.env, env) : !PASSING_VARIABLES.has(name) && process.env[name] !== env[name]) {
        return `environment variable ${name === "*" ? "(all were read)" : name} has another value`;
      }
    }
    for (const file of segment.files) {
      if (!this.#files.isSame(file)) return `${this.#name(file.path)} ${this.#files.kindOfChange(file)}`;
    }
    for (const path of segment.made) {
      if (!existsSync(path)) return `${this.#name(path)} was made at the start, and a run has removed it`;
    }
    for (const [path, was] of segment.presences) {
      const is = this.#files.presenceOf(path);
      if (is !== was)
        return `${this.#name(path)} ${is === "nothing" ? "deleted" : "created"}, which the program looks for`;
    }
    for (const { path, digest } of segment.listings) {
      if (!this.#files.listsSame(path, digest)) return `${this.#name(path)} lists other files`;
    }
    for (const { path, atMs } of births) {
      if (atMs <= process.bornMs) continue;
      const isStarting = !isFirst && STARTING_FILES.has(basename(path));
      if (isStarting || segment.looksFor(path)) return `${this.#name(path)} created`;
    }
    const { state } = process;
    // pytest would not come to this place again: it looks for conftests first.
    if (
      state.kind === "parked" &&
      state.at.kind === "conftest" &&
      state.at.path !== null &&
      !existsSync(state.at.path)
    ) {
      return `${this.#name(state.at.path)} deleted`;
    }
    return null;
  }

  // A package or conftest that has gone changes what pytest does before it comes to its place in the timeline.
  #withLostStartingFiles(processes: readonly TrunkProcess[]): ReadonlyMap<TrunkProcess, string> {
    const lost = new Map<TrunkProcess, string>();
    for (const process of processes) {
      for (const file of this.segmentOf(process).files) {
        if (!STARTING_FILES.has(basename(file.path)) || this.#files.isSame(file)) continue;
        if (this.#files.kindOfChange(file) !== "deleted") continue;
        for (const ancestor of process.lineage()) {
          if (ancestor.parent !== null) lost.set(ancestor, `${this.#name(file.path)} deleted`);
        }
      }
    }
    return lost;
  }

  /** What was installed when a process of this timeline used it: folder and digest. */
  installedFor(process: TrunkProcess): ReadonlyMap<string, string> {
    const [first = process] = process.lineage();
    return this.#installedOf(first);
  }

  #installedOf(process: TrunkProcess): Map<string, string> {
    let installed = this.#installed.get(process);
    if (installed === undefined) {
      installed = new Map();
      this.#installed.set(process, installed);
    }
    return installed;
  }

  #name(path: string): string {
    const name = relative(this.#root, path);
    return name === "" || name.startsWith("..") ? path : name;
  }
}

/** pytest looks for its configuration in the working directory and all folders above: whether each file is there. */
function startingFiles(cwd: string): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const name of STARTING_FILES) found.set(join(folder, name), existsSync(join(folder, name)));
    if (dirname(folder) === folder) return found;
  }
}

function indexOf(process: TrunkProcess): number {
  if (process.state.kind === "parked") return process.state.at.index;
  return process.state.kind === "tip" ? process.state.tip.index : 0;
}

function differs(then: Environment, now: Environment): boolean {
  const names = new Set([...Object.keys(then), ...Object.keys(now)]);
  return [...names].some((name) => !PASSING_VARIABLES.has(name) && then[name] !== now[name]);
}
