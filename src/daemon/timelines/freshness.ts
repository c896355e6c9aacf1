import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { type LeftFile, Segment } from "../../graph/segment.ts";
import type { TimelineEvent } from "../../protocol/agent-messages.ts";
import type { FileEdit } from "../../protocol/events.ts";
import type { FileUse } from "../../trunk/edit-class.ts";
import type { Checkpoint } from "../../trunk/place.ts";
import { type Birth, Births } from "../../watch/births.ts";
import { FileStates } from "../../watch/file-states.ts";
import { InstalledPackages, siteFolderOf } from "../../watch/installed-packages.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";

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

const NO_FILES: ReadonlySet<string> = new Set();

/** A tip that differs from the project as it is now by these modules alone. */
export interface EditedModules {
  readonly tip: TrunkProcess;
  readonly files: readonly string[];
}

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
  /** What had appeared at the last look. */
  #lastBirths: readonly Birth[] = [];

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

  /** What was installed when the timeline of this process began, as one text. */
  installedBefore(process: TrunkProcess): string {
    const [first = process] = process.lineage();
    return JSON.stringify([...this.#installedOf(first)].toSorted());
  }

  /** Reads the content of what was loaded; called when there is time. */
  remember(processes: readonly TrunkProcess[]): void {
    for (const process of processes) {
      const { files, left } = this.segmentOf(process);
      this.#files.remember(files);
      for (const each of left.values()) if (each !== null) this.#files.rememberLeft(each);
    }
  }

  /** Looks at the disk once, and then judges every process that is parked. */
  check(processes: readonly TrunkProcess[], env: Environment): readonly Checkpoint[] {
    this.#files.refresh();
    const births = this.#births.check();
    this.#lastBirths = births;
    const lost = this.#withLostStartingFiles(processes);
    const verdicts = new Map<TrunkProcess, string | null>();
    const judge = (process: TrunkProcess): string | null => {
      const known = verdicts.get(process);
      if (known !== undefined) return known;
      const verdict =
        (process.parent === null ? null : judge(process.parent)) ??
        lost.get(process) ??
        this.#staleness(process, births, env);
      verdicts.set(process, verdict);
      return verdict;
    };
    return processes
      .filter(({ isParked }) => isParked)
      .map((process) => ({
        id: process.id,
        index: indexOf(process),
        isTip: process.state.kind === "tip",
        stale: judge(process) ?? this.#leftStaleness(process),
      }));
  }

  /**
   * The tip that is as the project is now but for edited modules, and those; null where there is none that may fork. Of several the
   * one with the fewest. Uses the last look.
   */
  editedModules(processes: readonly TrunkProcess[], env: Environment): EditedModules | null {
    let best: EditedModules | null = null;
    for (const tip of processes) {
      if (tip.state.kind !== "tip" || !tip.state.tip.isSafe) continue;
      const files = this.#editedSince(tip, env);
      if (files !== null && (best === null || files.length <= best.files.length)) best = { tip, files };
    }
    return best;
  }

  /** The edited modules, where nothing else differs from what this tip has loaded. */
  #editedSince(tip: TrunkProcess, env: Environment): readonly string[] | null {
    const line = this.line(tip);
    const files = new Set<string>();
    for (const file of line.flatMap((segment) => [...segment.files])) {
      if (this.#files.isSame(file)) continue;
      const uses = line.map((segment) => segment.useOf(file.path));
      if (this.#files.kindOfChange(file) !== "modified" || !uses.includes("module") || uses.includes("pytest"))
        return null;
      files.add(file.path);
    }
    if (files.size === 0 || this.#stalenessBut(files, tip, env) !== null) return null;
    if (this.#leftStaleness(tip) !== null) return null;
    return [...files];
  }

  /** How a process and those before it have used a file. */
  useOf(path: string, process: TrunkProcess): FileUse {
    const line = this.line(process);
    const uses = line.map((segment) => segment.useOf(path));
    if (uses.includes("pytest")) return basename(path) === "conftest.py" ? "conftest" : "test file";
    if (uses.includes("module")) return "module";
    return line.some((segment) => segment.uses(path)) ? "read" : "unknown";
  }

  /** The module that has read a file while it was imported; empty where none has. */
  readerOf(path: string, process: TrunkProcess): string {
    return (
      this.line(process)
        .find((segment) => segment.readers.has(path))
        ?.readers.get(path) ?? ""
    );
  }

  /** Whether nothing that these processes have loaded is different now. */
  isFresh(processes: readonly TrunkProcess[], env: Environment): boolean {
    this.#files.refresh();
    const births = this.#births.check();
    return processes.every((process) => this.#staleness(process, births, env) === null);
  }

  /** What has changed since a process and those before it, which may have ended, loaded it; null where nothing has. */
  whyStale(process: TrunkProcess, env: Environment): string | null {
    this.#files.refresh();
    this.#lastBirths = this.#births.check();
    if (process.patch === null || process.parent === null) return this.#stalenessBut(NO_FILES, process, env);
    // It has other versions of these modules than those that it was forked from.
    const patched = new Set(process.patch.map(({ path }) => path));
    return this.#staleness(process, this.#lastBirths, env) ?? this.#stalenessBut(patched, process.parent, env);
  }

  /** What has changed on disk since these processes loaded it; uses the last look. */
  edits(process: TrunkProcess): readonly FileEdit[] {
    const edits = new Map<string, FileEdit>();
    for (const segment of this.line(process)) {
      for (const file of segment.files) {
        if (this.#files.isSame(file) || edits.has(file.path)) continue;
        edits.set(file.path, { path: this.nameOf(file.path), kind: this.#files.kindOfChange(file) });
      }
      for (const [path, content] of segment.databases) {
        const now = this.#files.databaseContent(path);
        if (now !== content) edits.set(path, { path: this.nameOf(path), kind: kindOfChange(content, now) });
      }
    }
    return [...edits.values()];
  }

  /** What makes a process or one before it stale, beside these files. */
  #stalenessBut(files: ReadonlySet<string>, process: TrunkProcess, env: Environment): string | null {
    const line = process.lineage();
    const lost = this.#withLostStartingFiles(line);
    for (const each of line) {
      const stale = lost.get(each) ?? this.#staleness(each, this.#lastBirths, env, files);
      if (stale !== null) return stale;
    }
    return null;
  }

  #staleness(
    process: TrunkProcess,
    births: readonly Birth[],
    env: Environment,
    ignored: ReadonlySet<string> = NO_FILES,
  ): string | null {
    const segment = this.segmentOf(process);
    const isFirst = process.parent === null;
    for (const path of segment.changed) return `${this.nameOf(path)} changed while it was used`;
    for (const [path, existed] of this.#starting.get(process) ?? []) {
      if (existsSync(path) !== existed) return `${this.nameOf(path)} ${existed ? "deleted" : "created"}`;
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
      if (!ignored.has(file.path) && !this.#files.isSame(file))
        return `${this.nameOf(file.path)} ${this.#files.kindOfChange(file)}`;
    }
    for (const [path, content] of segment.databases) {
      const now = this.#files.databaseContent(path);
      if (now === content) continue;
      const isOwn = this.#leftBy(process).some((left) => left.path === path && this.#files.isAsLeft(left));
      return isOwn ? changedByStart(this.nameOf(path)) : `${this.nameOf(path)} ${kindOfChange(content, now)}`;
    }
    for (const path of segment.made) {
      if (!existsSync(path)) return `${this.nameOf(path)} was made at the start, and a run has removed it`;
    }
    for (const [path, was] of segment.presences) {
      const is = this.#files.presenceOf(path);
      if (is !== was)
        return `${this.nameOf(path)} ${is === "nothing" ? "deleted" : "created"}, which the program looks for`;
    }
    for (const { path, digest } of segment.listings) {
      if (!this.#files.listsSame(path, digest)) return `${this.nameOf(path)} lists other files`;
    }
    for (const { path, atMs } of births) {
      if (atMs <= process.bornMs) continue;
      const isStarting = !isFirst && STARTING_FILES.has(basename(path));
      if (isStarting || segment.looksFor(path)) return `${this.nameOf(path)} created`;
    }
    const { state } = process;
    // pytest would not come to this place again: it looks for conftests first.
    if (
      state.kind === "parked" &&
      state.at.kind === "conftest" &&
      state.at.path !== null &&
      !existsSync(state.at.path)
    ) {
      return `${this.nameOf(state.at.path)} deleted`;
    }
    return null;
  }

  /**
   * What the timeline itself has written and is not as this process has left it: a cold run would write it anew. It says nothing of
   * the processes behind this one, which may have written to it as well.
   */
  #leftStaleness(process: TrunkProcess): string | null {
    const other = this.#leftBy(process).find((left) => !this.#files.isAsLeft(left));
    return other === undefined ? null : `${this.nameOf(other.path)} was written by the start, and has changed since`;
  }

  /** Whether a timeline writes to files while it starts. */
  leavesFiles(tip: TrunkProcess): boolean {
    return this.#leftBy(tip).length > 0;
  }

  /** The files that a process and those before it have written, as it has left them. */
  #leftBy(process: TrunkProcess): readonly LeftFile[] {
    const left = new Map(this.line(process).flatMap((segment) => [...segment.left]));
    return [...left.values()].filter((each) => each !== null);
  }

  // A package or conftest that has gone changes what pytest does before it comes to its place in the timeline.
  #withLostStartingFiles(processes: readonly TrunkProcess[]): ReadonlyMap<TrunkProcess, string> {
    const lost = new Map<TrunkProcess, string>();
    // One that has ended alone is still part of the line of those behind it.
    for (const process of new Set(processes.flatMap((each) => each.lineage()))) {
      for (const file of this.segmentOf(process).files) {
        if (!STARTING_FILES.has(basename(file.path)) || this.#files.isSame(file)) continue;
        if (this.#files.kindOfChange(file) !== "deleted") continue;
        for (const ancestor of process.lineage()) {
          if (ancestor.parent !== null) lost.set(ancestor, `${this.nameOf(file.path)} deleted`);
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

  /** A path as people read it: relative to the project's root where it lies below it. */
  nameOf(path: string): string {
    const name = relative(this.#root, path);
    return name === "" || name.startsWith("..") ? path : name;
  }
}

function kindOfChange(before: string, now: string): FileEdit["kind"] {
  if (now === "nothing") return "deleted";
  return before === "nothing" ? "created" : "modified";
}

function changedByStart(name: string): string {
  return `${name} was changed by the start that has read it, and the next one may find something else in it`;
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
