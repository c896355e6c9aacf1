import type { ResumeOrder } from "../../protocol/agent-messages.ts";
import type { Trunk, TrunkStart } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Places } from "../places.ts";
import type { RunRequest } from "../runs/run-request.ts";
import type { CutPlanner } from "./cut-planner.ts";
import type { EditedFiles } from "./edited-files.ts";
import { existingPaths } from "./existing-paths.ts";
import type { Freshness } from "./freshness.ts";
import type { PackagesAhead } from "./packages-ahead.ts";
import { NO_CUTS } from "./readiness.ts";

/** What an order is made of. */
interface Parts {
  readonly places: Places;
  readonly freshness: Freshness;
  readonly ahead: PackagesAhead;
  readonly cuts: CutPlanner;
  readonly edited: EditedFiles;
  readonly nextId: (letter: string) => string;
}

/** For whom a timeline goes on. */
interface Purpose {
  /** Not only for the files that this request names. */
  readonly isForAll?: boolean;
  /** Its end leads the run itself. */
  readonly leads?: boolean;
}

/** Says how timelines start and go on: where they park, and what they import ahead. */
export class TrunkOrders {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A new timeline for this request. */
  start(request: RunRequest): TrunkStart {
    const { places, cuts, edited, nextId } = this.#parts;
    const { launch, requester, settings } = request;
    const { stateFolder, agentFolder } = places;
    const ahead = this.#parts.ahead.of(request);
    const planned = cuts.forStart(request, ahead.modules.length > 0, existingPaths(launch.args, requester.cwd));
    const id = nextId("t");
    return { id, launch, requester, stateFolder, agentFolder, cuts: planned, edited: edited.now, ahead, settings };
  }

  /** A timeline that goes on from a parked process. */
  resume(
    type: ResumeOrder["type"],
    trunk: Trunk,
    from: TrunkProcess,
    { launch, requester }: RunRequest,
    { isForAll = false, leads = false }: Purpose = {},
  ): ResumeOrder {
    const { freshness, cuts, edited, nextId } = this.#parts;
    const args = isForAll ? null : existingPaths(launch.args, requester.cwd);
    const planned = leads ? NO_CUTS : cuts.forResume(trunk, from, freshness.line(from), args);
    const id = from.nextChildId(() => nextId("c"));
    return { type, id, cuts: planned, edited: edited.now, env: requester.env, args, leads };
  }
}
