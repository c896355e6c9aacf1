import { constants } from "node:os";
import type { PassedSignal } from "../../protocol/api.ts";
import { problem } from "../../protocol/errors.ts";
import type { RunId } from "../../protocol/ids.ts";
import { place } from "../../trunk/place.ts";
import { keepAtMost, keepLine } from "../../worker/branches.ts";
import type { RunProcess } from "../../worker/run-process.ts";
import type { Trunk, TrunkListener } from "../../worker/trunk.ts";
import type { Growth, TrunkProcess } from "../../worker/trunk-process.ts";
import type { Places } from "../places.ts";
import type { Control } from "../runs/control.ts";
import type { Leaders } from "../runs/leaders.ts";
import { followRequester } from "../runs/requester-signals.ts";
import type { Verdict } from "../runs/run-request.ts";
import type { CutPlanner } from "../timelines/cut-planner.ts";
import type { EditedFiles } from "../timelines/edited-files.ts";
import type { Freshness } from "../timelines/freshness.ts";
import type { Timelines } from "../timelines/timelines.ts";
import type { TrunkShelf } from "../timelines/trunk-shelf.ts";
import { type ProgramRequest, ProgramRun } from "./program-run.ts";
import { endGroup, stopProgram } from "./stop-program.ts";

/** What programs share with the runs of pytest. */
interface Shared {
  readonly places: Places;
  readonly freshness: Freshness;
  readonly timelines: Timelines;
}

interface Kept {
  readonly cuts: CutPlanner;
  readonly edited: EditedFiles;
  readonly shelf: TrunkShelf;
  readonly leaders: Leaders;
  readonly listener: TrunkListener;
}

/** Where a program goes on from. */
interface Start {
  readonly trunk: Trunk;
  /** Null for a trunk that has yet to begin. */
  readonly from: TrunkProcess | null;
}

/** The reason of an abort that a newer start follows. */
export const EDITED = "edited";

/** A program that has loaded nothing for so long has started. */
const QUIET_MS = 300;

const PASSED: readonly PassedSignal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * Runs Python programs that are no pytest. Their trunks have checkpoints and no tip: the process that goes on behind the last checkpoint
 * is the program itself, and ends when that ends.
 */
export class Programs {
  readonly #services: Shared & Kept;

  constructor({ places, freshness, timelines }: Shared, kept: Kept) {
    this.#services = { places, freshness, timelines, ...kept };
  }

  /** What a process of a program and those before it have loaded. */
  loadedBy(process: TrunkProcess): ReturnType<Freshness["line"]> {
    return this.#services.freshness.line(process);
  }

  /** Runs a program to its end; an abort ends it, and resolves when nothing of it is left. */
  async run(request: ProgramRequest, control: Control): Promise<Verdict> {
    const { leaders, places } = this.#services;
    const run = new ProgramRun(leaders.nextId("r"), request);
    for (;;) {
      const start = this.#place(run);
      const verdict = await this.#runFrom(start, run, control);
      if (verdict === "lost") {
        this.#services.shelf.drop(start.trunk);
        continue;
      }
      const { way, reason, exit } = verdict.record;
      places.log(`${run.id} ${request.launch.command} ${request.launch.script}: ${way}, exit ${exit}: ${reason}`);
      request.onEvent({ type: "run-finished", run: run.id as RunId, record: verdict.record });
      return verdict;
    }
  }

  /** While a program is on its way out: forks what is likely to go on in its place. */
  #prepare(trunk: Trunk, { requester }: ProgramRequest): void {
    const placement = place(this.#services.freshness.check(trunk.processes, requester.env));
    if (placement.kind !== "resume") return;
    this.#forkAhead(
      trunk,
      trunk.processes.find(({ id }) => id === placement.id),
    );
  }

  /** It executes nothing before its order. */
  #forkAhead(trunk: Trunk, from: TrunkProcess | null | undefined): void {
    if (from?.isParked !== true || from.ahead !== undefined) return;
    for (const each of trunk.processes) if (each.isAhead) trunk.prune(each);
    trunk.forkAhead(from, this.#services.leaders.nextId("c"), []);
  }

  /** The latest checkpoint of this very program before which nothing has changed, or a new start. */
  #place(run: ProgramRun): Start {
    const { shelf, freshness, edited, cuts, places, listener, leaders } = this.#services;
    const { launch, requester, settings } = run.request;
    let reason = "nothing that fits is kept";
    for (const trunk of shelf.candidates(run.request)) {
      const placement = place(freshness.check(trunk.processes, requester.env));
      if (trunk.running !== undefined) edited.note(freshness, trunk, [trunk.running]);
      const from = placement.kind === "resume" ? trunk.processes.find(({ id }) => id === placement.id) : undefined;
      if (placement.kind === "resume" && from !== undefined) {
        const kept = freshness.line(from).reduce((sum, { modules }) => sum + modules, 0);
        run.served("resumed", this.#reason(trunk, placement.reason), kept);
        return { trunk, from };
      }
      reason = placement.reason;
      shelf.drop(trunk);
    }
    run.served("cold", reason);
    const { stateFolder, agentFolder } = places;
    const ahead = { modules: [], never: [] };
    const origin = { launch, requester, settings };
    const start = { ...origin, stateFolder, agentFolder, ahead, edited: edited.now, id: leaders.nextId("t") };
    return { trunk: shelf.add({ ...start, cuts: cuts.forStart(run.request, false, null) }, listener), from: null };
  }

  // A program that has ended is no checkpoint: what it has loaded behind the last one has to be asked for.
  #reason(trunk: Trunk, reason: string): string {
    const edits = trunk.running === undefined ? [] : this.#services.freshness.edits(trunk.running);
    const [first] = edits;
    if (first !== undefined) return `${first.path} ${first.kind}`;
    return reason === "nothing is kept" ? "nothing that was loaded has changed" : reason;
  }

  async #runFrom({ trunk, from }: Start, run: ProgramRun, control: Control): Promise<Verdict | "lost"> {
    const { freshness, leaders, edited, cuts } = this.#services;
    const { request } = run;
    const id = from === null ? trunk.first.id : from.nextChildId(() => leaders.nextId("c"));
    const leader = leaders.adopt(id, run);
    using _run = { [Symbol.dispose]: trunk.begin() };
    using _signals = this.#passSignals(leader, control);
    let timer: NodeJS.Timeout | undefined;
    trunk.onProgress = () => {
      if (trunk.running !== undefined) request.onLoaded(trunk.running);
      clearTimeout(timer);
      // A file is edited more than once: the next start is likely to be from there, too.
      if (request.isWatched) timer = setTimeout(() => this.#forkAhead(trunk, from), QUIET_MS);
    };
    request.onEvent({ type: "run-started", run: run.id as RunId, ...run.begun, selection: "all" });
    const order = run.order(id);
    const growing =
      from === null
        ? trunk.startProgram(leader, order)
        : trunk.resume(
            from,
            {
              ...{ type: "resume", id, env: request.requester.env, args: null, leads: true, run: order },
              ...{ cuts: cuts.forResume(trunk, from, freshness.line(from), null), edited: edited.now },
            },
            leader,
          );
    const growth = await this.#untilEnded(growing, leader, control, () => this.#prepare(trunk, request));
    clearTimeout(timer);
    trunk.onProgress = undefined;
    if (growth.kind === "lost") {
      leader.lost();
      leaders.release(leader);
      return "lost";
    }
    await leader.ended;
    leaders.release(leader);
    return this.#conclude(trunk, run, growth, control);
  }

  async #untilEnded(
    growing: Promise<Growth>,
    leader: RunProcess,
    { abort }: Control,
    onEdit: () => void,
  ): Promise<Growth> {
    let stopping: Disposable | undefined;
    let pid = 0;
    const stop = () => {
      pid = leader.pid;
      stopping = stopProgram(leader);
      if (abort.reason === EDITED) onEdit();
    };
    if (abort.aborted) stop();
    abort.addEventListener("abort", stop, { once: true });
    const growth = await growing;
    abort.removeEventListener("abort", stop);
    stopping?.[Symbol.dispose]();
    // The newer one is to find its port free.
    if (stopping !== undefined) await endGroup(leader.pid || pid);
    return growth;
  }

  #passSignals(leader: RunProcess, { interrupted }: Control): Disposable {
    const over = new AbortController();
    for (const signal of PASSED) {
      interrupted.addEventListener(signal, () => leader.signal(signal), { signal: over.signal });
    }
    using stack = new DisposableStack();
    stack.use(followRequester(leader, interrupted));
    stack.defer(() => over.abort());
    return stack.move();
  }

  #conclude(trunk: Trunk, run: ProgramRun, growth: Growth, { abort }: Control): Verdict {
    const { freshness, timelines, cuts } = this.#services;
    const ran = trunk.running ?? trunk.first;
    const modules = freshness.line(ran).reduce((sum, segment) => sum + segment.modules, 0);
    if (growth.kind === "not-started") {
      const { python } = run.request.launch;
      const next = "prewarm run --python PATH -- PROGRAM";
      const fault = problem("no-python", `${python} does not start (${growth.reason}).`, next);
      this.#services.shelf.drop(trunk);
      return { record: run.record(fault.exit, 0), problem: fault };
    }
    trunk.use(ran);
    timelines.ended(trunk, ran);
    const ended = growth.kind === "died" ? growth.ended : null;
    // A program that has not come far may not have come to its old checkpoints either.
    if (abort.aborted || ended?.exit === 0) keepLine(trunk, ran);
    keepAtMost(trunk, cuts.budget.mostProcesses);
    if (abort.aborted) return { record: run.record(null, modules), problem: null };
    if (ended === null) {
      const fault = problem("worker-died", "The process of the program disappeared.", "prewarm logs");
      return { record: run.record(fault.exit, modules), problem: fault };
    }
    if (ended.signal === null) return { record: run.record(ended.exit, modules), problem: null };
    return { record: run.record(SIGNALLED + ended.signal, modules), problem: describeSignal(ended.signal) };
  }
}

// What a shell shows for a program that a signal has ended.
const SIGNALLED = 128;

// Those that people send need no words.
function describeSignal(signal: number): Verdict["problem"] {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
  if (PASSED.some((each) => each === name)) return null;
  return problem(
    "worker-died",
    `${name} ended the program.`,
    "prewarm run --no-daemon, to see it happen",
    SIGNALLED + signal,
  );
}
