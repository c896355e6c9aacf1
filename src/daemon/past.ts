import type { Past } from "../protocol/past.ts";
import type { Session } from "./session.ts";

const MOST_RUNS = 1_000;
const MOST_SLOW = 50;

/** What is remembered of this project's runs, up to the last one. */
export function tellPast({ recorder, history, runLog }: Session): Past {
  recorder.flush();
  return { ...history.past(MOST_RUNS, MOST_SLOW), failures: runLog.failures };
}
