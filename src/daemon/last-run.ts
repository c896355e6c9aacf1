import type { FinishedRun, Launch } from "../protocol/api.ts";
import type { Outcome, RunEvent, RunRecord, Selection } from "../protocol/events.ts";
import type { Trunk } from "../worker/trunk.ts";
import type { Freshness } from "./freshness.ts";
import type { RunRequest } from "./run.ts";
import { argumentsKey } from "./trunk-shelf.ts";

/** A run that goes on. */
interface Followed {
  /** The request, whose events are listened to. */
  readonly request: RunRequest;
  readonly end: (record: RunRecord) => void;
}

/** What one client's runs have come to; those of a watch are taken together, since it leaves tests their outcomes. */
class Standing {
  readonly outcomes = new Map<string, Outcome>();
  readonly outdated = new Set<string>();
  selection: Selection = "all";

  add(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.selection = event.selection;
        for (const id of [...this.outcomes.keys()])
          if (event.selection !== "affected" || id.startsWith("collect:")) this.outcomes.delete(id);
        this.outdated.clear();
        break;
      case "plan":
        for (const id of [...event.gone, ...event.outdated]) this.outcomes.delete(id);
        for (const id of event.outdated) this.outdated.add(id);
        break;
      case "collected":
        for (const id of event.ids) {
          this.outcomes.delete(id);
          this.outdated.add(id);
        }
        break;
      case "collect-failed":
        this.outcomes.set(`collect:${event.id}`, "error");
        break;
      case "test-finished":
        this.outcomes.set(event.id, event.outcome);
        this.outdated.delete(event.id);
        break;
      case "edit":
      case "test-started":
      case "measured":
      case "workers":
      case "warning":
      case "watching":
      case "debugger":
      case "run-finished":
        break;
      default:
        event satisfies never;
    }
  }
}

/** Remembers what the last run stands by, for whoever wants to compare it with a cold one. */
export class LastRun {
  readonly #ofWatches = new WeakMap<object, Standing>();
  #last: { readonly request: RunRequest; readonly standing: Standing; readonly record: RunRecord } | null = null;

  /** A run begins. */
  follow(request: RunRequest, abort: AbortSignal): Followed {
    const { narrowing } = request;
    const standing = (narrowing === null ? undefined : this.#ofWatches.get(narrowing)) ?? new Standing();
    if (narrowing !== null) this.#ofWatches.set(narrowing, standing);
    return {
      request: {
        ...request,
        onEvent: (event) => {
          // What comes when it has been given up is the killing of its process.
          if (!abort.aborted) standing.add(event);
          request.onEvent(event);
        },
      },
      end: (record) => {
        this.#last = { request, standing, record };
      },
    };
  }

  /** What it was and came to; null where none has ended. */
  tell(trunks: readonly Trunk[], freshness: Freshness): FinishedRun | null {
    if (this.#last === null) return null;
    const { launch, requester, choice } = this.#last.request;
    const { outcomes, outdated, selection } = this.#last.standing;
    const isChosen = choice.ids !== null || choice.path !== "" || choice.name !== "";
    return {
      launch,
      requester: { cwd: requester.cwd, env: requester.env, umask: requester.umask },
      record: this.#last.record,
      outcomes: Object.fromEntries(outcomes),
      outdated: [...outdated],
      selection: isChosen ? "chosen" : selection,
      changed: changedSince(launch, requester.env, trunks, freshness),
    };
  }
}

/** What has changed since these arguments were run, as far as it was loaded; null where nothing has. */
function changedSince(
  launch: Launch,
  env: Readonly<Record<string, string>>,
  trunks: readonly Trunk[],
  freshness: Freshness,
): string | null {
  const key = argumentsKey(launch);
  const trunk = trunks.find(({ start }) => argumentsKey(start.launch) === key);
  const tips = trunk === undefined ? [] : freshness.check(trunk.processes, env).filter(({ isTip }) => isTip);
  return tips.some(({ stale }) => stale === null) ? null : (tips.at(-1)?.stale ?? null);
}
