import type { Launch, Requester } from "../../protocol/api.ts";
import type { TimelineSettings } from "../../protocol/timeline-settings.ts";
import { folderIdentity } from "../../worker/folder-identity.ts";
import { Trunk, type TrunkListener, type TrunkStart } from "../../worker/trunk.ts";
import type { Run } from "../runs/run.ts";
import type { Freshness } from "./freshness.ts";
import { isSameList, isSameSetting, settingChange } from "./setting-changes.ts";
import type { TimelineOrigin } from "./trunk-key.ts";

/** Timelines that are kept at once; each holds a few processes. */
const MOST_TRUNKS = 3;

/** The trunks that are kept. The one that served least lately makes room for a new one. */
export class TrunkShelf {
  readonly #trunks: Trunk[] = [];
  /** Trunks that grow in idle time, to take another's place. */
  readonly #successors = new Map<Trunk, Trunk>();
  /** Trunks that were taken off the shelf in the middle of a run. */
  readonly #retired = new Set<Trunk>();

  /** Every trunk that has processes. */
  get all(): readonly Trunk[] {
    return [...this.#trunks, ...this.#successors.values(), ...this.#retired];
  }

  get trunks(): readonly Trunk[] {
    return this.#trunks;
  }

  /** Those that could serve a request, the one that was started with its very arguments first. */
  candidates({ launch, requester, settings }: TimelineOrigin): readonly Trunk[] {
    const key = argumentsKey(launch);
    const isStartedSo = ({ start }: Trunk) => argumentsKey(start.launch) === key;
    return this.#trunks
      .filter(({ folder, start: { launch: then, requester: starter, settings: set } }) => {
        const isSameProgram =
          then.python === launch.python &&
          then.script === launch.script &&
          then.isModule === launch.isModule &&
          // What a program does with its arguments, nobody knows.
          then.command === launch.command &&
          (launch.command === undefined || programFacts(then, starter) === programFacts(launch, requester));
        const isSamePlace =
          starter.cwd === requester.cwd &&
          startVariables(starter.env, settings) === startVariables(requester.env, settings);
        return isSameProgram && isSamePlace && isSameSetting(set, settings) && folder === folderIdentity(requester.cwd);
      })
      .filter(({ refused }) => !refused.has(key))
      .sort((a, b) => Number(isStartedSo(b)) - Number(isStartedSo(a)));
  }

  /** Drops those of the run's command for which the files are others that all tests may depend on, and tells the run so. */
  dropOutdated(run: Pick<Run, "request" | "notFrom">, freshness: Pick<Freshness, "nameOf">): void {
    const { launch, requester, settings } = run.request;
    for (const trunk of [...this.#trunks]) {
      const { start } = trunk;
      const isSame = argumentsKey(start.launch) === argumentsKey(launch) && start.requester.cwd === requester.cwd;
      const change = isSame ? settingChange(start.settings, settings, (path) => freshness.nameOf(path)) : undefined;
      if (change === undefined) continue;
      run.notFrom(change);
      if (!isSameList(start.settings.named, settings.named)) this.drop(trunk);
    }
  }

  /** Puts a new trunk on the shelf; it starts when it is asked to grow. */
  add(start: TrunkStart, listener: TrunkListener): Trunk {
    while (this.#trunks.length >= MOST_TRUNKS) {
      const [oldest] = this.#trunks.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
      if (oldest !== undefined) this.drop(oldest);
    }
    const trunk = new Trunk(start, listener);
    this.#trunks.push(trunk);
    return trunk;
  }

  /** Begins a trunk beside another one, which serves on until `succeed`; undefined where one is growing already. */
  addSuccessor(to: Trunk, start: TrunkStart, listener: TrunkListener): Trunk | undefined {
    if (this.#successors.has(to) || !this.#trunks.includes(to)) return undefined;
    const successor = new Trunk(start, listener);
    this.#successors.set(to, successor);
    return successor;
  }

  /** The successor takes its place, if both are still there. */
  succeed(from: Trunk, successor: Trunk): void {
    if (this.#successors.get(from) !== successor) return;
    this.#successors.delete(from);
    this.#trunks[this.#trunks.indexOf(from)] = successor;
    this.#retire(from);
  }

  /** Takes a trunk off the shelf; its processes end as soon as no run uses them. */
  drop(trunk: Trunk): void {
    const index = this.#trunks.indexOf(trunk);
    if (index >= 0) this.#trunks.splice(index, 1);
    this.#retire(trunk);
    this.#successors.get(trunk)?.end();
    this.#successors.delete(trunk);
  }

  /** Drops all. */
  clear(): void {
    for (const trunk of [...this.#trunks]) this.drop(trunk);
  }

  /** Ends all at once, whether they are used or not. */
  end(): void {
    for (const trunk of this.all) trunk.end();
  }

  #retire(trunk: Trunk): void {
    this.#retired.add(trunk);
    trunk.whenIdle(() => {
      this.#retired.delete(trunk);
      trunk.end();
    });
  }
}

/** What a program may look at from its first line on, beside what every start looks at. */
function programFacts({ args, flags }: Launch, { env, terminals }: Requester): string {
  const streams = [terminals.stdin, terminals.stdout, terminals.stderr].map((terminal) => terminal !== undefined);
  return JSON.stringify([args, flags, streams, DISPLAY_VARIABLES.map((name) => env[name])]);
}

const DISPLAY_VARIABLES = "COLUMNS LINES TERM NO_COLOR FORCE_COLOR PY_COLORS CI".split(" ");

/** What tells two command lines apart. */
export function argumentsKey(launch: Launch): string {
  return JSON.stringify(launch.args);
}

/** Variables that C code reads when a process starts, and those that are configured: another value needs another process. */
export function startVariables(env: Readonly<Record<string, string>>, { envPrefixes }: TimelineSettings): string {
  const isNamed = (name: string): boolean => envPrefixes.some((prefix) => name.startsWith(prefix));
  const names = Object.keys(env).filter((name) => C_VARIABLES.test(name) || isNamed(name));
  return JSON.stringify(names.sort().map((name) => [name, env[name]]));
}

const C_VARIABLES = /^(?:TZ|LANG|LANGUAGE|LC_.*|PYTHON.*|OMP_.*|MKL_.*|OPENBLAS_.*|LD_.*|MALLOC_.*)$/;
