import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Way } from "../../src/protocol/events.ts";
import { COLD_ENVIRONMENT } from "./cold-environment.ts";
import type { Finished } from "./command.ts";
import { type FinishedRun, Prewarm, type RunOptions } from "./prewarm.ts";
import { Project } from "./project.ts";

export interface Comparison {
  /** What plain pytest did. */
  readonly cold: Finished;
  /** What prewarm did, after it was found to be the same. */
  readonly warm: FinishedRun;
}

export interface SameOptions extends RunOptions {
  /** Whether standard error has to be the same, too; yes unless told. */
  readonly stderr?: boolean;
}

/** A project on which plain pytest and prewarm are compared. */
export class ColdAndWarm implements AsyncDisposable {
  readonly project: Project;
  readonly prewarm: Prewarm;

  constructor(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
    this.project = new Project(files);
    // Installed plugins make every start longer, and have nothing to do with the verdicts.
    this.prewarm = new Prewarm(this.project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", ...env });
  }

  /**
   * THE property: runs plain pytest and prewarm with the same arguments on the same files, from the same state of
   * pytest's cache, and expects the same exit code, output (but for times and addresses) and outcomes. `line` holds
   * the arguments, separated by spaces.
   */
  async same(line = "", options: SameOptions = {}): Promise<Comparison> {
    const { project, prewarm } = this;
    const args = line.split(" ").filter((word) => word !== "");
    const cache = project.at(".pytest_cache");
    const kept = join(prewarm.stateFolder, "kept-cache");
    replaceFolder(kept, cache);
    const cold = await prewarm.plain(args, { ...options, env: { ...COLD_ENVIRONMENT, ...options.env } });
    replaceFolder(cache, kept);
    const warm = await prewarm.run(args, options);
    const title = `pytest ${line}, where standard error was ${JSON.stringify(warm.stderr)}`;
    expect({ exit: warm.exit, stdout: comparable(warm.stdout) }, title).toEqual({
      exit: cold.exit,
      stdout: comparable(cold.stdout),
    });
    if (options.stderr !== false) {
      expect(comparable(withoutOurLines(warm.stderr)), `${title}: standard error`).toBe(comparable(cold.stderr));
    }
    if (warm.outcomes !== undefined) expectTally(warm.outcomes, cold.stdout, title);
    return { cold, warm };
  }

  /** Writes files (null removes one), and compares. */
  async edit(files: Readonly<Record<string, string | null>>, line = ""): Promise<Comparison> {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) this.project.remove(path);
      else this.project.write(path, text);
    }
    return this.same(line);
  }

  /** How the last run was served. */
  async way(): Promise<Way | undefined> {
    return (await this.prewarm.status()).lastRecord?.way;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.prewarm[Symbol.asyncDispose]();
    } finally {
      this.project[Symbol.dispose]();
    }
  }
}

/** Output without what differs between two plain runs: times, addresses, and the rules that are drawn around them. */
export function comparable(text: string): string {
  return (
    text
      .replace(/\b\d+\.\d+s( \(\d+:\d\d:\d\d\))?/g, "<time>")
      .replace(/^=+ (.*<time>.*?) =+$/gm, "== $1 ==")
      .replace(/^\(\d+ durations < .*$/gm, "(durations hidden)")
      // What an internal error is stays; where it came from are frames of the host, and of ours.
      .replace(/^(INTERNALERROR> .*\n)+(?=INTERNALERROR> )/gm, "")
      .replace(/\b0x[0-9a-f]{6,}/g, "<address>")
      .replace(/\(cache from \S+ ago/g, "(cache from <time> ago")
  );
}

function replaceFolder(target: string, source: string): void {
  rmSync(target, { recursive: true, force: true });
  if (existsSync(source)) cpSync(source, target, { recursive: true });
}

function withoutOurLines(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !/^(prewarm: | {3}next: )/.test(line))
    .join("\n");
}

const COUNTED = ["failed", "skipped", "xfailed", "xpassed"] as const;

/** The outcomes that were written have to add up to what pytest says in its last line. */
function expectTally(outcomes: Readonly<Record<string, string>>, stdout: string, title: string): void {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!/\d (passed|failed|error|skipped|xfailed|xpassed)/.test(last)) return;
  for (const outcome of COUNTED) {
    const said = Number(new RegExp(`(\\d+) ${outcome}`).exec(last)?.[1] ?? 0);
    const written = Object.entries(outcomes).filter(([id, each]) => each === outcome && !id.startsWith("collect:"));
    // Files that are skipped as a whole are counted, but are no tests.
    const isPart = outcome === "skipped" && written.length < said;
    if (!isPart) expect(written.length, `${title}: ${outcome}, of ${last}`).toBe(said);
  }
}
