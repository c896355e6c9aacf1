import { randomBytes } from "node:crypto";
import type { Segment } from "../graph/segment.ts";
import type { Launch } from "../protocol/api.ts";
import type { RunRecord } from "../protocol/events.ts";
import type { RunId } from "../protocol/ids.ts";
import { History } from "../store/history.ts";
import { type Placement, place } from "../trunk/place.ts";
import { AgentServer } from "../worker/agent-server.ts";
import type { Trunk, TrunkListener } from "../worker/trunk.ts";
import type { Growth, TrunkProcess } from "../worker/trunk-process.ts";
import type { Configuration } from "./configuration.ts";
import { Greeting } from "./greeting.ts";
import { IdleCheck } from "./idle/idle-check.ts";
import { Nodes } from "./nodes/nodes.ts";
import { notOnNodes, withProblem } from "./nodes/verdict-on-nodes.ts";
import type { Places } from "./places.ts";
import { Programs } from "./programs/programs.ts";
import { Recorder } from "./recorder.ts";
import { type Control, unlessEnded, untilGrown } from "./runs/control.ts";
import { describeCrash, describeInterrupt } from "./runs/crash.ts";
import { describeEarlyEnd } from "./runs/early-end.ts";
import { Hosts } from "./runs/hosts.ts";
import { LastRun } from "./runs/last-run.ts";
import { Leaders, type Led } from "./runs/leaders.ts";
import { Run } from "./runs/run.ts";
import { RunLog } from "./runs/run-log.ts";
import type { RunRequest, Verdict } from "./runs/run-request.ts";
import { ColdTimes } from "./timelines/cold-times.ts";
import { CutPlanner } from "./timelines/cut-planner.ts";
import { EditedFiles } from "./timelines/edited-files.ts";
import { Freshness } from "./timelines/freshness.ts";
import { NotWarm } from "./timelines/not-warm.ts";
import { PackagesAhead } from "./timelines/packages-ahead.ts";
import { patchTip, tellEdit } from "./timelines/patching.ts";
import { leadsItself, noteStale } from "./timelines/readiness.ts";
import { threadWarning } from "./timelines/thread-warning.ts";
import { Timelines } from "./timelines/timelines.ts";
import { TrunkOrders } from "./timelines/trunk-orders.ts";
import { argumentsKey, TrunkShelf } from "./timelines/trunk-shelf.ts";
import { Upkeep } from "./timelines/upkeep.ts";
import { Watches } from "./watching/watches.ts";

const SECRET_BYTES = 8;

/**
 * One project: its trunks, and the runs that are forked from them. A warm run takes four steps: look at what has changed,
 * choose the checkpoint to start from, bring a timeline from there to its tip, lead.
 */
export class Session {
  readonly places: Places;
  readonly freshness: Freshness;
  readonly history: History;
  readonly hosts = new Hosts();
  /** Connections with other machines. */
  readonly nodes: Nodes;
  readonly recorder: Recorder;
  readonly timelines: Timelines;
  readonly greeting: Greeting;
  readonly runLog: RunLog;
  readonly lastRun = new LastRun();
  readonly idleCheck: IdleCheck;
  readonly programs: Programs;
  /** The record of the run that ended last, or null. */
  lastRecord: RunRecord | null = null;
  readonly #shelf = new TrunkShelf();
  readonly #leaders = new Leaders((letter) => this.#nextProcessId(letter));
  readonly #server: AgentServer;
  readonly #listener: TrunkListener = {
    onEvents: (trunk, process, events) => {
      this.freshness.learn(process, events, trunk.start.requester.cwd);
      this.timelines.add(process, events);
      trunk.onProgress?.(events);
    },
    onParked: (process) => this.freshness.parked(process),
    onTip: (trunk, process, tip) => {
      this.freshness.reachedTip(process, tip.made);
      this.timelines.reachedTip(trunk, process, tip);
    },
  };
  readonly watches: Watches;
  readonly #ahead: PackagesAhead;
  readonly configuration: Configuration;
  readonly #notWarm: NotWarm;
  readonly #coldTimes: ColdTimes;
  readonly #edited: EditedFiles;
  readonly #orders: TrunkOrders;
  readonly #upkeep: Upkeep;
  #ids = 0;

  constructor(places: Places, configuration: Configuration) {
    this.places = places;
    this.configuration = configuration;
    this.nodes = new Nodes(places);
    this.freshness = new Freshness(places.root);
    this.#notWarm = new NotWarm(this.freshness);
    this.history = new History(places.stateFolder);
    this.recorder = new Recorder(this.history);
    this.timelines = new Timelines(this.recorder);
    this.greeting = new Greeting(this.recorder);
    this.runLog = new RunLog(places.log);
    this.#coldTimes = new ColdTimes(this.recorder);
    this.#edited = new EditedFiles(places.root, this.recorder);
    this.#ahead = new PackagesAhead(places, this.freshness, this.recorder);
    this.watches = new Watches(places);
    const cuts = new CutPlanner(places.root, this.timelines, this.#edited);
    const kept = { cuts, edited: this.#edited, shelf: this.#shelf, leaders: this.#leaders, listener: this.#listener };
    const { freshness, timelines } = this;
    const parts = {
      ...kept,
      freshness,
      timelines,
      ahead: this.#ahead,
      nextId: (letter: string) => this.#nextProcessId(letter),
    };
    this.#orders = new TrunkOrders({ ...parts, places });
    this.#upkeep = new Upkeep({ ...parts, orders: this.#orders });
    this.programs = new Programs(this, kept);
    this.idleCheck = new IdleCheck({ places, configuration, freshness, lastRun: this.lastRun });
    this.#server = new AgentServer({
      onHello: ({ id, pid, role }, channel) =>
        (role === "host" && this.hosts.connected(channel)) ||
        (role === "leader"
          ? this.#leaders.connected(channel, id, pid)
          : this.watches.connected(channel, id) || this.#shelf.all.some((trunk) => trunk.connected(channel, id, pid))),
      onStream: (id, stream, socket) => this.#leaders.streamConnected(id, stream, socket),
    });
  }

  async listen(): Promise<void> {
    await this.#server.listen(this.places.stateFolder);
  }

  get trunks(): readonly Trunk[] {
    return this.#shelf.trunks;
  }

  /** Runs tests, and resolves with the verdict when the requester has had all output. */
  async run(request: RunRequest, control: Control): Promise<Verdict> {
    using _ = await this.idleCheck.yieldTo();
    const id = this.#nextId("r");
    using recording = this.recorder.begin(this.runLog.begin(id, request, control.abort), control.abort);
    const followed = this.lastRun.follow(recording.request, control.abort);
    using run = new Run(id, followed.request, { history: this.history, hosts: this.hosts, root: this.places.root });
    const defect = this.idleCheck.takeWarning();
    if (defect !== undefined) recording.request.onEvent(defect);
    void run.nodes?.begin();
    const verdict = withProblem(await this.#serve(run, control), run.nodes?.problem);
    followed.end(verdict.record, run.tip);
    recording.end(verdict.record, run);
    tellEdit(run, undefined, this.freshness, { root: this.places.root, isLoaded: false });
    this.lastRecord = verdict.record;
    const { way, reason, exit, durationMs } = verdict.record;
    this.places.log(
      `${run.id} pytest ${request.launch.args.join(" ")}: ${way}, exit ${exit}, ${durationMs.toFixed(1)} ms: ${reason}`,
    );
    recording.request.onEvent({ type: "run-finished", run: run.id as RunId, record: verdict.record });
    return verdict;
  }

  /** What the trunk that serves these arguments has loaded up to its tip; empty where nothing is kept. */
  loadedBy(launch: Launch): readonly Segment[] {
    const key = argumentsKey(launch);
    const trunk =
      this.trunks.find(({ start }) => argumentsKey(start.launch) === key) ??
      this.trunks.findLast(({ refused }) => !refused.has(key));
    return trunk?.lastLed === undefined ? [] : this.freshness.line(trunk.lastLed);
  }

  /** Drops what is kept; the next run starts cold. */
  restart(): void {
    this.#shelf.clear();
    this.hosts.clear();
  }

  /** Ends everything that was started. */
  end(): void {
    this.idleCheck.end();
    this.#shelf.end();
    this.#leaders.end();
    this.watches.end();
    this.nodes.end();
    this.#server.close();
    this.recorder.flush();
    this.history.close();
  }

  async #serve(run: Run, control: Control): Promise<Verdict> {
    const { request } = run;
    const plain = request.plain || this.#notWarm.why(request);
    if (plain !== "") return this.#runPlain(run, plain, control);
    this.#shelf.dropOutdated(run, this.freshness);
    for (const trunk of this.#shelf.candidates(request)) {
      const end = trunk.begin();
      const verdict = await this.#runOn(trunk, run, control).finally(end);
      if (verdict !== "refused") return verdict;
    }
    return this.#runCold(run, control);
  }

  async #runOn(trunk: Trunk, run: Run, control: Control): Promise<Verdict | "refused"> {
    let seen: Promise<void> | undefined;
    while (seen !== trunk.preparing) {
      seen = trunk.preparing;
      if (!(await unlessEnded(seen, control))) return describeInterrupt(run);
    }
    if (!this.trunks.includes(trunk)) return "refused";
    using _ = this.#leaders.hold(trunk, run);
    const checkpoints = this.freshness.check(trunk.processes, run.request.requester.env);
    const placement = place(checkpoints);
    noteStale(trunk, checkpoints);
    for (const { id, isTip, stale } of checkpoints) {
      if (isTip && stale !== null) this.places.log(`${run.id} not from tip ${id}: ${stale}`);
    }
    const growth = await this.#reach(trunk, placement, run, control);
    if (growth === "interrupted") return describeInterrupt(run);
    if (growth === "start") run.notFrom(placement.reason);
    if (growth === "start" || growth.kind === "not-warm" || growth.kind === "not-ahead" || growth.kind === "lost") {
      this.#shelf.drop(trunk);
      return "refused";
    }
    if (growth.kind !== "tip") {
      const key = argumentsKey(run.request.launch);
      if (key === argumentsKey(trunk.start.launch)) return describeEarlyEnd(trunk, run, growth);
      // It was started for other files: with these arguments pytest need not come to what has ended it.
      run.notFrom("another start of pytest ends before its tests");
      trunk.refused.add(key);
      return "refused";
    }
    run.leadsFrom(growth.tip.root, growth.process, this.freshness);
    const led = await this.#leaders.lead(trunk, growth.process, run, control);
    if (led.end.kind === "lost") {
      this.#shelf.drop(trunk);
      return "refused";
    }
    if (led.end.kind === "refused") {
      run.notFrom(`another trunk: ${led.end.reason}`);
      trunk.refused.add(argumentsKey(run.request.launch));
    }
    this.#upkeep.afterRun(trunk, growth.process, run, led);
    return led.end.kind === "refused" ? "refused" : this.#verdict(trunk, growth.process, run, led, control);
  }

  /** Brings the trunk to a tip for this run. */
  async #reach(
    trunk: Trunk,
    placement: Placement,
    run: Run,
    control: Control,
  ): Promise<Growth | "start" | "interrupted"> {
    const attempt = { nextId: () => this.#nextProcessId("p"), run, control, log: this.places.log };
    const patched = placement.kind === "tip" ? null : await patchTip(trunk, this.freshness, attempt);
    tellEdit(run, trunk, this.freshness, { root: this.places.root, isLoaded: placement.kind === "tip" });
    if (patched !== null) return patched;
    if (placement.kind !== "tip") this.#edited.note(this.freshness, trunk);
    if (placement.kind === "start") return "start";
    const from = trunk.processes.find(({ id }) => id === placement.id);
    if (from === undefined) return "start";
    if (placement.kind === "tip" && from.state.kind === "tip") {
      run.served("warm", placement.reason);
      return { kind: "tip", process: from, tip: from.state.tip };
    }
    run.resumed(placement.reason, this.freshness.line(from));
    const leads = leadsItself(trunk, from);
    const order = this.#orders.resume("resume", trunk, from, run.request, { leads });
    trunk.onProgress = (events) => run.growing(events);
    const growth = trunk.resume(from, order).then((grown) => this.#ahead.judge(trunk, grown));
    trunk.preparing = growth.then(() => {});
    return untilGrown(growth, control, () => trunk.abandon(order.id));
  }

  async #runCold(run: Run, control: Control): Promise<Verdict> {
    const { request } = run;
    run.served("cold", run.notKept);
    const trunk = this.#newTrunk(request);
    trunk.onProgress = (events) => run.growing(events);
    using _ = { [Symbol.dispose]: trunk.begin() };
    const growing = trunk.grow().then((grown) => this.#ahead.judge(trunk, grown));
    trunk.preparing = growing.then(() => {});
    const growth = await untilGrown(growing, control, () => {
      this.#shelf.drop(trunk);
      trunk.end();
    });
    if (growth === "interrupted") return describeInterrupt(run);
    if (growth.kind === "not-ahead") {
      this.#shelf.drop(trunk);
      trunk.end();
      return this.#runCold(run, control);
    }
    if (growth.kind === "tip") {
      run.leadsFrom(growth.tip.root, growth.process, this.freshness);
      this.#ahead.learn(trunk, growth.process, growth.tip);
      if (growth.tip.obstacle !== null) request.onEvent(threadWarning(growth.tip.obstacle));
      const led = await this.#leaders.lead(trunk, growth.process, run, control);
      if (led.end.kind === "refused") {
        // It would not even serve what it was started with: whatever the reason, plain pytest is right.
        this.#shelf.drop(trunk);
        return this.#runPlain(run, led.end.reason, control);
      }
      this.#upkeep.afterRun(trunk, growth.process, run, led);
      const verdict = await this.#verdict(trunk, growth.process, run, led, control);
      this.#coldTimes.take(request, verdict);
      const hasMoreToKeep = trunk.start.ahead.modules.length === 0 && this.#ahead.of(request).modules.length > 0;
      // What the start writes, it would write again over what the run has left there.
      if (hasMoreToKeep && !this.freshness.leavesFiles(growth.process)) {
        setImmediate(() => void this.#upkeep.prepareSuccessor(trunk, request));
      }
      return verdict;
    }
    if (growth.kind === "not-warm") this.#notWarm.note(request, growth.reason, trunk.processes);
    this.#shelf.drop(trunk);
    trunk.end();
    if (growth.kind === "not-warm") return this.#runPlain(run, growth.reason, control);
    return describeEarlyEnd(trunk, run, growth);
  }

  async #runPlain(run: Run, reason: string, control: Control): Promise<Verdict> {
    if (run.request.bridge !== undefined) {
      run.request.bridge.tell({ type: "not-on-node", reason });
      return { record: run.record(0, 0, null), problem: null };
    }
    if (run.nodes !== null) run.request.onEvent(notOnNodes(reason));
    run.served("plain", reason);
    const trunk = this.#newTrunk(run.request);
    using _ = { [Symbol.dispose]: trunk.begin() };
    let growth: Promise<Growth> | undefined;
    const led = await this.#leaders.leadIn(trunk.first, run, control, () => {
      growth = trunk.grow(run.order(trunk.id));
    });
    this.#shelf.drop(trunk);
    if (led.end.kind === "ended") return { record: run.record(led.end.exit, 0, null), problem: null };
    const early = await growth;
    if (early?.kind === "no-pytest" || early?.kind === "not-started") return describeEarlyEnd(trunk, run, early);
    if (control.abort.aborted) return describeInterrupt(run);
    return describeCrash(run, early?.kind === "died" ? early.ended : null);
  }

  async #verdict(trunk: Trunk, tip: TrunkProcess, run: Run, { end, pid }: Led, { abort }: Control): Promise<Verdict> {
    if (end.kind === "ended") {
      const modules = this.freshness.line(tip).reduce((sum, segment) => sum + segment.modules, 0);
      const coldMs = this.#coldTimes.of(run.request);
      return { record: run.record(end.exit, modules, coldMs), problem: null };
    }
    if (abort.aborted) return describeInterrupt(run);
    const parent = tip.isParked ? tip : tip.parent;
    return describeCrash(run, parent === null ? null : await trunk.reap(parent, pid));
  }

  #newTrunk(request: RunRequest): Trunk {
    return this.#shelf.add(this.#orders.start(request), this.#listener);
  }

  #nextId(letter: string): string {
    this.#ids += 1;
    return `${letter}${this.#ids}`;
  }

  /** A process is believed to be the one that is awaited by its name, so nobody can guess that. */
  #nextProcessId(letter: string): string {
    return `${this.#nextId(letter)}-${randomBytes(SECRET_BYTES).toString("hex")}`;
  }
}
