import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Segment } from "../graph/segment.ts";
import type { Launch } from "../protocol/api.ts";
import { problem } from "../protocol/errors.ts";
import type { ResumeOrder } from "../protocol/agent-messages.ts";
import type { RunId } from "../protocol/ids.ts";
import type { RunRecord } from "../protocol/events.ts";
import { placeCuts } from "../trunk/cuts.ts";
import { type Placement, place } from "../trunk/place.ts";
import { AgentServer } from "../worker/agent-server.ts";
import { type RunEnd, RunProcess } from "../worker/run-process.ts";
import { Spare } from "../worker/spare.ts";
import { Trunk } from "../worker/trunk.ts";
import type { Growth, TrunkProcess } from "../worker/trunk-process.ts";
import { describeCrash, describeImportCrash } from "./crash.ts";
import { Freshness } from "./freshness.ts";
import { Run, type RunRequest, type Verdict } from "./run.ts";

/** Where a session lives. */
export interface Places {
  readonly root: string;
  readonly stateFolder: string;
  readonly agentFolder: string;
}

/** Timelines that are kept at once; each holds a few processes. */
const MOST_TRUNKS = 3;
/** Parked processes of one trunk. */
const MOST_PROCESSES = 20;

/** How a leader ended, and the process that it was. */
interface Led {
  readonly end: RunEnd;
  readonly pid: number;
}

/** A timeline that ended without a tip, as the end of the run that asked for it. */
type Early = Exclude<Growth, { kind: "tip" }>;

/**
 * One project: its trunks, and the runs that are forked from them. A run goes through the steps of `run`, in this order:
 * look at what has changed, choose where to start, bring a timeline to its tip, lead.
 */
export class Session {
  readonly places: Places;
  readonly #freshness: Freshness;
  readonly #server: AgentServer;
  readonly #trunks: Trunk[] = [];
  readonly #leaders = new Map<string, RunProcess>();
  readonly #spares = new Map<string, Spare>();
  readonly #coldMs = new Map<string, number>();
  readonly #edited: string[] = [];
  #ids = 0;
  /** The record of the run that ended last, or null. */
  lastRecord: RunRecord | null = null;

  constructor(places: Places) {
    this.places = places;
    this.#freshness = new Freshness(places.root);
    this.#server = new AgentServer({
      onHello: ({ id, pid, role }, channel) => {
        if (role === "leader") {
          const leader = this.#leaders.get(id) ?? this.#spares.get(id);
          leader?.attach(channel, pid);
          return leader !== undefined;
        }
        return this.#trunks.some((trunk) => trunk.connected(channel, id, pid));
      },
      onStream: (id, stream, socket) => {
        const leader = this.#leaders.get(id);
        leader?.addStream(stream, socket);
        return leader !== undefined;
      },
    });
  }

  async listen(): Promise<void> {
    await this.#server.listen(this.places.stateFolder);
  }

  get trunks(): readonly Trunk[] {
    return this.#trunks;
  }

  get freshness(): Freshness {
    return this.#freshness;
  }

  /** Runs tests. `abort` ends the run at once; `interrupted` passes ctrl-c on to pytest. */
  async run(request: RunRequest, abort: AbortSignal, interrupted: EventTarget): Promise<Verdict> {
    const run = new Run(this.#nextId("r"), request);
    const verdict = await this.#serve(run, abort, interrupted);
    this.lastRecord = verdict.record;
    request.onEvent({ type: "run-finished", run: run.id as RunId, record: verdict.record });
    return verdict;
  }

  async #serve(run: Run, abort: AbortSignal, interrupted: EventTarget): Promise<Verdict> {
    const { request } = run;
    if (request.plain !== "") return this.#runPlain(run, request.plain, abort, interrupted);
    for (const trunk of this.#candidates(request)) {
      const verdict = await this.#runOn(trunk, run, abort, interrupted);
      if (verdict !== "refused") return verdict;
    }
    return this.#runCold(run, abort, interrupted);
  }

  /** What the trunk that serves these arguments has loaded up to its tip; empty where nothing is kept. */
  loadedBy(launch: Launch): readonly Segment[] {
    const key = argumentsKey(launch);
    const trunk =
      this.#trunks.find(({ start }) => argumentsKey(start.launch) === key) ??
      this.#trunks.findLast(({ refused }) => !refused.has(key));
    const tip = trunk?.processes.findLast(({ state }) => state.kind === "tip");
    return tip === undefined ? [] : this.#freshness.line(tip);
  }

  /** Ends everything that was started. */
  end(): void {
    for (const trunk of this.#trunks.splice(0)) trunk.end();
    for (const leader of this.#leaders.values()) leader.signal("SIGKILL");
    this.#server.close();
  }

  /** Drops what is kept; the next run starts cold. */
  restart(): void {
    for (const trunk of this.#trunks.splice(0)) trunk.end();
  }

  // The trunks that could serve these arguments, the one that was started with them first.
  #candidates({ launch, requester }: RunRequest): readonly Trunk[] {
    const key = argumentsKey(launch);
    return this.#trunks
      .filter(({ start }) => {
        const { launch: then, requester: starter } = start;
        return (
          then.python === launch.python &&
          then.script === launch.script &&
          then.isModule === launch.isModule &&
          starter.cwd === requester.cwd &&
          startVariables(starter.env) === startVariables(requester.env)
        );
      })
      .filter(({ refused }) => !refused.has(key))
      .sort((a, b) => Number(argumentsKey(b.start.launch) === key) - Number(argumentsKey(a.start.launch) === key));
  }

  async #runOn(trunk: Trunk, run: Run, abort: AbortSignal, interrupted: EventTarget): Promise<Verdict | "refused"> {
    const checkpoints = this.#freshness.check(trunk.processes, run.request.requester.env);
    const placement = place(checkpoints);
    this.#noteEdits(trunk, placement);
    const growth = await this.#reach(trunk, placement, run, abort);
    if (growth === "start") {
      this.#drop(trunk);
      return "refused";
    }
    if (growth.kind !== "tip") return this.#endEarly(trunk, run, growth);
    const led = await this.#lead(trunk, growth.process, run, abort, interrupted);
    if (led.end.kind === "refused") {
      run.refused(led.end.reason);
      trunk.refused.add(argumentsKey(run.request.launch));
      return "refused";
    }
    trunk.tests = Math.max(trunk.tests, run.tests);
    return this.#verdict(trunk, growth.process, run, led);
  }

  /** Brings the trunk to a tip for this run. */
  async #reach(trunk: Trunk, placement: Placement, run: Run, abort: AbortSignal): Promise<Growth | "start"> {
    if (placement.kind === "start") return "start";
    const from = trunk.processes.find(({ id }) => id === placement.id);
    if (from === undefined) return "start";
    if (placement.kind === "tip" && from.state.kind === "tip") {
      run.served("warm", placement.reason);
      return { kind: "tip", process: from, tip: from.state.tip };
    }
    run.served("resumed", placement.reason);
    const order = this.#resumeOrder("resume", run.request);
    return abortable(trunk.resume(from, order), abort, () => trunk.abandon(order.id));
  }

  async #runCold(run: Run, abort: AbortSignal, interrupted: EventTarget): Promise<Verdict> {
    run.served("cold", run.refusal ?? "nothing that fits is kept");
    const trunk = this.#startTrunk(run.request);
    const growth = await abortable(trunk.grow(), abort, () => this.#drop(trunk));
    if (growth.kind === "not-warm") {
      this.#drop(trunk);
      return this.#runPlain(run, growth.reason, abort, interrupted);
    }
    if (growth.kind !== "tip") {
      const verdict = await this.#endEarly(trunk, run, growth);
      this.#drop(trunk);
      return verdict;
    }
    const led = await this.#lead(trunk, growth.process, run, abort, interrupted);
    const verdict = await this.#verdict(trunk, growth.process, run, led);
    trunk.tests = run.tests;
    this.#coldMs.set(argumentsKey(run.request.launch), verdict.record.durationMs);
    return verdict;
  }

  async #runPlain(run: Run, reason: string, abort: AbortSignal, interrupted: EventTarget): Promise<Verdict> {
    run.served("plain", reason);
    const trunk = this.#startTrunk(run.request);
    const leader = new RunProcess(trunk.id, run.relayed, run);
    this.#leaders.set(trunk.id, leader);
    const growth = trunk.grow(run.order(trunk.id));
    const first = trunk.processes[0];
    if (first !== undefined) first.lead = leader;
    try {
      const end = await this.#follow(leader, () => first?.pid ?? 0, abort, interrupted);
      return await this.#plainVerdict(run, end, growth);
    } finally {
      this.#leaders.delete(trunk.id);
      this.#drop(trunk);
    }
  }

  async #plainVerdict(run: Run, end: RunEnd, growth: Promise<Growth>): Promise<Verdict> {
    if (end.kind === "ended") return { record: run.record(end.exit, 0, null), problem: null };
    const ended = await growth;
    return describeCrash(run, ended.kind === "died" ? ended.ended : null);
  }

  async #lead(trunk: Trunk, tip: TrunkProcess, run: Run, abort: AbortSignal, interrupted: EventTarget): Promise<Led> {
    const isForked = tip.state.kind === "tip" && tip.state.tip.isSafe;
    const spare = tip.spare?.isReady === true ? tip.spare : undefined;
    const id = isForked ? (spare?.id ?? this.#nextId("l")) : tip.id;
    const leader = new RunProcess(id, run.relayed, run);
    this.#leaders.set(id, leader);
    trunk.use(tip);
    if (spare !== undefined) {
      this.#spares.delete(id);
      tip.spare = undefined;
      spare.lead(leader, run.order(id));
    } else {
      if (!isForked) {
        tip.lead = leader;
        tip.state = { kind: "leading" };
      }
      tip.send(run.order(id));
    }
    try {
      const end = await this.#follow(leader, () => (isForked ? leader.pid : tip.pid), abort, interrupted);
      return { end, pid: leader.pid };
    } finally {
      this.#leaders.delete(id);
      this.#afterwards(trunk, tip);
    }
  }

  async #follow(
    leader: RunProcess,
    pid: () => number,
    abort: AbortSignal,
    interrupted: EventTarget,
  ): Promise<RunEnd> {
    const kill = () => {
      leader.pid = pid();
      leader.signal("SIGKILL");
    };
    const interrupt = () => {
      leader.pid = pid();
      leader.signal("SIGINT");
    };
    if (abort.aborted) kill();
    abort.addEventListener("abort", kill);
    interrupted.addEventListener("interrupt", interrupt);
    try {
      return await leader.ended;
    } finally {
      leader.pid = pid();
      abort.removeEventListener("abort", kill);
      interrupted.removeEventListener("interrupt", interrupt);
    }
  }

  async #verdict(trunk: Trunk, tip: TrunkProcess, run: Run, { end, pid }: Led): Promise<Verdict> {
    const modules = this.#freshness.line(tip).reduce((sum, segment) => sum + segment.modules, 0);
    const coldMs = this.#coldMs.get(argumentsKey(run.request.launch)) ?? null;
    if (end.kind === "ended") {
      if (end.newFiles > 0) this.#growInIdleTime(trunk, tip, run.request);
      return { record: run.record(end.exit, modules, coldMs), problem: null };
    }
    return describeCrash(run, await trunk.reap(tip.isParked ? tip : (tip.parent ?? tip), pid));
  }

  async #endEarly(trunk: Trunk, run: Run, growth: Early): Promise<Verdict> {
    switch (growth.kind) {
      case "ended": {
        const { stdout, stderr, exit } = growth;
        run.request.onOutput("stdout", Buffer.from(stdout, "base64"));
        run.request.onOutput("stderr", Buffer.from(stderr, "base64"));
        return { record: run.record(exit, 0, null), problem: null };
      }
      case "no-pytest": {
        const { python } = run.request.launch;
        const next = `${python} -m pip install pytest`;
        const fault = problem("no-pytest", `${python} cannot import pytest (${growth.reason}).`, next);
        return { record: run.record(fault.exit, 0, null), problem: fault };
      }
      case "not-warm": {
        const fault = problem("import-crashed", growth.reason, "prewarm restart", 1);
        return { record: run.record(fault.exit, 0, null), problem: fault };
      }
      case "died": {
        const output = trunk.outputOf(growth.process);
        run.request.onOutput("stdout", output.stdout);
        run.request.onOutput("stderr", output.stderr);
        return describeImportCrash(run, growth.ended);
      }
      default:
        return growth satisfies never;
    }
  }

  #startTrunk(request: RunRequest): Trunk {
    while (this.#trunks.length >= MOST_TRUNKS) {
      const oldest = this.#trunks.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)[0];
      if (oldest === undefined) break;
      this.#drop(oldest);
    }
    const { stateFolder, agentFolder } = this.places;
    const trunk = new Trunk(
      {
        id: this.#nextId("t"),
        launch: request.launch,
        requester: request.requester,
        stateFolder,
        agentFolder,
        cuts: placeCuts(this.#edited),
        edited: this.#edited,
        preload: [],
      },
      {
        onEvents: (process, events) => this.#freshness.learn(process, events),
        onParked: (process) => this.#freshness.parked(process),
      },
    );
    this.#trunks.push(trunk);
    return trunk;
  }

  #drop(trunk: Trunk): void {
    const index = this.#trunks.indexOf(trunk);
    if (index >= 0) this.#trunks.splice(index, 1);
    trunk.end();
  }

  #resumeOrder(type: ResumeOrder["type"], request: RunRequest): ResumeOrder {
    return {
      type,
      id: this.#nextId("c"),
      cuts: placeCuts(this.#edited),
      edited: this.#edited,
      env: request.requester.env,
      args: existingPaths(request.launch.args, request.requester.cwd),
    };
  }

  #noteEdits(trunk: Trunk, placement: Placement): void {
    if (placement.kind === "tip") return;
    for (const process of trunk.processes.filter(({ state }) => state.kind === "tip")) {
      for (const { path } of this.#freshness.edits(process)) {
        const absolute = join(this.places.root, path);
        const known = this.#edited.indexOf(absolute);
        if (known >= 0) this.#edited.splice(known, 1);
        this.#edited.push(absolute);
      }
    }
  }

  // The trunk takes up what a leader had to collect by itself, so that the next run finds it there.
  #growInIdleTime(trunk: Trunk, tip: TrunkProcess, request: RunRequest): void {
    if (tip.state.kind !== "tip" || !tip.state.tip.isSafe) return;
    void trunk.resume(tip, this.#resumeOrder("grow", request));
  }

  #afterwards(trunk: Trunk, tip: TrunkProcess): void {
    trunk.keepAtMost(MOST_PROCESSES);
    this.#freshness.remember(trunk.processes);
    if (tip.state.kind === "tip" && tip.spare === undefined) this.#prepareSpare(tip);
  }

  #prepareSpare(tip: TrunkProcess): void {
    const spare = new Spare(this.#nextId("s"));
    this.#spares.set(spare.id, spare);
    tip.spare = spare;
    tip.send({ type: "spare", id: spare.id });
  }

  #nextId(letter: string): string {
    this.#ids += 1;
    return `${letter}${this.#ids}`;
  }
}

function argumentsKey(launch: Launch): string {
  return JSON.stringify(launch.args);
}

/** Variables that C code reads when a process starts: another value needs another process. */
function startVariables(env: Readonly<Record<string, string>>): string {
  const names = Object.keys(env).filter((name) => /^(?:TZ|LANG|LANGUAGE|LC_.*|PYTHON.*|OMP_.*|MKL_.*|OPENBLAS_.*|LD_.*|MALLOC_.*)$/.test(name));
  return JSON.stringify(names.sort().map((name) => [name, env[name]]));
}

/** The arguments that name something that exists, or null where none does: then everything is wanted. */
function existingPaths(args: readonly string[], cwd: string): readonly string[] | null {
  const paths = args.filter((each) => !each.startsWith("-") && existsSync(resolve(cwd, each.split("::")[0] ?? each)));
  return paths.length === 0 ? null : paths.map((each) => resolve(cwd, each));
}

async function abortable<T>(work: Promise<T>, abort: AbortSignal, onAbort: () => void): Promise<T> {
  if (abort.aborted) onAbort();
  abort.addEventListener("abort", onAbort);
  try {
    return await work;
  } finally {
    abort.removeEventListener("abort", onAbort);
  }
}
