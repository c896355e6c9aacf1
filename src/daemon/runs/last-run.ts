import type { FinishedRun } from "../../protocol/api.ts";
import type { Outcome, RunEvent, RunRecord, Selection } from "../../protocol/events.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Freshness } from "../timelines/freshness.ts";
import type { RunRequest } from "./run-request.ts";

/** A run that goes on. */
interface Followed {
  /** The request, whose events are listened to. */
  readonly request: RunRequest;
  readonly end: (record: RunRecord, tip: TrunkProcess | null) => void;
}

/** A run that has ended. */
interface Ended {
  readonly request: RunRequest;
  readonly standing: Standing;
  readonly record: RunRecord;
  /** What it was led from, which may have ended since; null where nothing was kept of it. */
  readonly tip: TrunkProcess | null;
}

/** What one client's runs have come to; those of a watch are taken together, since it leaves tests their outcomes. */
class Standing {
  readonly outcomes = new Map<string, Outcome>();
  readonly outdated = new Set<string>();
  readonly durationsMs = new Map<string, number>();
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
        this.durationsMs.set(event.id, event.durationMs);
        this.outdated.delete(event.id);
        break;
      case "edit":
      case "test-started":
      case "measured":
      case "executed":
      case "repeated":
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
  #last: Ended | null = null;

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
      end: (record, tip) => {
        // One that was only asked how many workers there would be stands by nothing.
        if (request.measure !== "workers") this.#last = { request, standing, record, tip };
      },
    };
  }

  /** Tells one run from the next; null where none has ended, or one that cannot be compared. */
  get mark(): object | null {
    const request = this.#last?.request;
    const isOdd = request === undefined || [request.debugpy, request.onNodes, request.bridge].some(Boolean);
    return isOdd ? null : (this.#last?.record ?? null);
  }

  /** Milliseconds that a test took when it ran last; null where that is not known. */
  durationOf(id: string): number | null {
    return this.#last?.standing.durationsMs.get(id) ?? null;
  }

  /** What has changed since among what was loaded, in words; null where nothing has. */
  whyChanged(freshness: Freshness): string | null {
    if (this.#last?.tip == null) return null;
    return freshness.whyStale(this.#last.tip, this.#last.request.requester.env);
  }

  /** What it was and came to; null where none has ended. */
  tell(freshness: Freshness): FinishedRun | null {
    if (this.#last === null) return null;
    const { request, record } = this.#last;
    const { launch, requester, choice } = request;
    const { outcomes, outdated, selection } = this.#last.standing;
    const isChosen = choice.ids !== null || choice.path !== "" || choice.name !== "";
    return {
      launch,
      requester: { cwd: requester.cwd, env: requester.env, umask: requester.umask },
      record,
      outcomes: Object.fromEntries(outcomes),
      outdated: [...outdated],
      selection: isChosen ? "chosen" : selection,
      changed: this.whyChanged(freshness),
    };
  }
}
