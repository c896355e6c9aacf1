import { join } from "node:path";
import { ok, type Result } from "../base/result.ts";
import { checkpointFile } from "../config/checkpoint-paths.ts";
import { CONFIG_FILES, type ConfigFile, readConfigFile } from "../config/config-file.ts";
import type { Values } from "../config/keys.ts";
import { resolveConfig } from "../config/resolve.ts";
import type { ApiRequest, WorkersWish } from "../protocol/api.ts";
import type { Problem } from "../protocol/errors.ts";
import type { RunEvent } from "../protocol/events.ts";
import { parseOn } from "../protocol/on-nodes.ts";
import type { TimelineSettings } from "../protocol/timeline-settings.ts";
import { statSignature } from "../watch/fingerprint.ts";
import { NamedFiles } from "../watch/named-files.ts";
import { Lifetime } from "./lifetime.ts";
import type { NodesWish } from "./nodes/nodes-wish.ts";

type RunOrder = Pick<Extract<ApiRequest, { type: "run" }>, "launch" | "requester" | "workers" | "settings">;

/** What a run takes from the configuration. */
export interface RunSettings {
  readonly workers: WorkersWish;
  readonly timeline: TimelineSettings;
  /** Where its tests run; null for this machine. */
  readonly nodes: NodesWish | null;
  readonly values: Values;
  /** What is wrong with it now: then it is what held for the watch's run before. */
  readonly doubt: RunEvent | null;
}

/** What a project has set, as its file, a requester's variables and its flags say it at this moment. */
export class Configuration {
  readonly lifetime: Lifetime;
  readonly #root: string;
  readonly #named: NamedFiles;
  /** What held last, by the request of a watch. */
  readonly #lastGood = new WeakMap<RunOrder, RunSettings>();
  #version = "";
  #file: Result<ConfigFile | null, Problem> = ok(null);

  /** Percent of the time that comparisons with cold runs may take, as the last run was configured. */
  idlePercent: number;
  readonly #isIdleGiven: boolean;

  /** `ttlSeconds` and `idlePercent` are what the daemon's starter said of its life. */
  constructor(root: string, ttlSeconds?: number, idlePercent?: number) {
    this.#root = root;
    this.#isIdleGiven = idlePercent !== undefined;
    this.idlePercent = idlePercent ?? 0;
    this.lifetime = new Lifetime(ttlSeconds);
    this.#named = new NamedFiles(root);
  }

  /** The files that are looked at; none of them need exist. */
  get files(): readonly string[] {
    return CONFIG_FILES.map((name) => join(this.#root, name));
  }

  /** Takes what is in force now for the daemon itself. */
  take(values: Values): void {
    this.lifetime.configured(values);
    if (!this.#isIdleGiven) this.idlePercent = values["verify-when-idle"];
  }

  /** Every value that holds for somebody with this environment and these flags. */
  async values(
    env: Readonly<Record<string, string | undefined>>,
    flags: Readonly<Record<string, string>> = {},
  ): Promise<Result<Values, Problem>> {
    const file = await this.#read();
    if (!file.ok) return file;
    const config = resolveConfig({ root: this.#root, file: file.value, env, flags });
    return config.ok ? ok(config.value.values) : config;
  }

  /** What holds for a run. A watch goes on with what held before, until its file is mended. */
  async forRun(request: RunOrder): Promise<Result<RunSettings, Problem>> {
    const resolved = await this.values(request.requester.env, request.settings);
    if (!resolved.ok) {
      const before = this.#lastGood.get(request);
      return before === undefined
        ? resolved
        : ok({ ...before, ...this.#apply(request, before.values), doubt: describeDoubt(resolved.error) });
    }
    const now: RunSettings = { ...this.#apply(request, resolved.value), values: resolved.value, doubt: null };
    this.take(resolved.value);
    this.#lastGood.set(request, now);
    return ok(now);
  }

  #apply({ launch, workers }: RunOrder, values: Values): Pick<RunSettings, "workers" | "timeline" | "nodes"> {
    const timeline: TimelineSettings = {
      checkpoints: values.checkpoints.map((path) => checkpointFile(this.#root, path)),
      neverAhead: values["never-ahead"],
      envPrefixes: values["env-prefixes"],
      workarounds: values.workarounds,
      named: this.#named.list(values["watch-globs"]),
    };
    return { workers: workersOf(workers, values, launch.args), timeline, nodes: nodesOf(values) };
  }

  async #read(): Promise<Result<ConfigFile | null, Problem>> {
    // Taken before the read: what is written meanwhile is seen the next time.
    const version = this.files.map(versionOf).join("\0");
    if (version !== this.#version) {
      this.#file = await readConfigFile(this.#root);
      this.#version = version;
    }
    return this.#file;
  }
}

function describeDoubt({ code, sentence, next }: Problem): RunEvent {
  return { type: "warning", code, text: `${sentence} What held before still holds.`, next };
}

function nodesOf(values: Values): NodesWish | null {
  const on = values.on === "" ? undefined : parseOn(values.on);
  if (on === undefined) return null;
  return {
    on,
    nodeCommand: values["node-command"].split(/\s+/).filter((word) => word !== ""),
    nodePython: values["node-python"],
    variables: values["node-env"],
    allowsDifferences: values["allow-differences"] === "yes",
    patienceMs: values["node-patience"] * 1000,
  };
}

/** What the command line says comes first, pytest's own options too. */
function workersOf(wish: WorkersWish | undefined, values: Values, args: readonly string[]): WorkersWish {
  const {
    count = "",
    dist = "",
    timeoutS = values["timeout-per-test"] || undefined,
    leaks = values.leaks,
  } = wish ?? {};
  const limit = { ...(timeoutS === undefined ? {} : { timeoutS }), ...(leaks === "report" ? {} : { leaks }) };
  const isSaid = (option: RegExp): boolean => args.some((word) => option.test(word));
  const saysCount = count !== "" || isSaid(/^(?:-n|--numprocesses(?:=|$))/);
  const saysDist = dist !== "" || isSaid(/^--dist(?:=|$)/);
  // As with pytest-xdist: nothing is distributed.
  if (values.dist === "no" && !saysCount && !saysDist) return { count: "0", dist: "", ...limit };
  return {
    count: saysCount ? count : values.workers,
    dist: saysDist || values.dist === "no" ? dist : values.dist,
    ...limit,
  };
}

function versionOf(path: string): string {
  const signature = statSignature(path);
  if (signature === undefined) return "nothing";
  return `${signature.mtimeNs} ${signature.size} ${signature.ino} ${signature.ctimeNs ?? ""}`;
}
