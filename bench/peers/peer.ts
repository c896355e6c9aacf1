import type { Verdict } from "../edits.ts";
import { type Command, type Observation, observe } from "./observe.ts";

/** What is run: the arguments that pytest gets, and whether an edit comes before. */
export interface Request {
  readonly args: readonly string[];
  readonly afterEdit: boolean;
}

/** A way of running the suite that is measured beside the others, in an application folder of its own. */
export interface Peer {
  readonly name: string;
  readonly folder: string;
  /** Whether it leaves out tests that it takes for unaffected: then fewer may pass than were asked for. */
  readonly selects?: boolean;
  /** Whether the kind of request is one that this way has at all. */
  readonly offers: (request: Request) => boolean;
  /** Makes the change and brings the verdict; the time runs from before the change. */
  readonly run: (request: Request, change: () => void, expected: Verdict) => Promise<Observation>;
  /** Ends whatever stays behind between runs, so that the next run is a cold one. */
  readonly stop: () => Promise<void>;
}

/** A peer that is one command for each run. */
export function commandPeer(
  name: string,
  folder: string,
  commandFor: (request: Request) => Command,
  stop: () => Promise<void> = async () => undefined,
): Peer {
  return {
    name,
    folder,
    offers: () => true,
    run: (request, change) => observe(commandFor(request), change),
    stop,
  };
}
