import { findFlaky } from "../../insight/flaky.ts";
import { findSlower } from "../../insight/slower.ts";
import type { HttpAnswer } from "../../protocol/http-schema.ts";
import type { Past } from "../../protocol/past.ts";
import type { Session } from "../session.ts";

const MOST_RUNS = 1_000;
const MOST_SLOW = 50;

/** What is remembered of this project's runs, up to the last one. */
export function tellPast({ recorder, history, runLog }: Session): Past {
  recorder.flush();
  return { ...history.past(MOST_RUNS, MOST_SLOW), failures: runLog.failures };
}

/** The same as the page shows it. */
export function pastForPage(session: Session): Pick<HttpAnswer<"Past">, "flaky" | "slower" | "slowest"> {
  const { unsteady, slowest } = tellPast(session);
  return {
    flaky: findFlaky(unsteady).map(({ id, runs, failures, recent, lastFailedMs, conditions }) => ({
      ...{ id, runs, failures, recent: [...recent], lastFailedMs, conditions: conditions.map(({ what }) => what) },
    })),
    slower: onceEach(findSlower(session.history.timesOf(MOST_SLOW))),
    slowest: onceEach(slowest).map(({ id, usualMs }) => ({ id, usualMs })),
  };
}

/** A test under two interpreters is two tests on record, and one on the page: the one that comes first. */
function onceEach<T extends { readonly id: string }>(tests: readonly T[]): T[] {
  const known = new Set<string>();
  return tests.filter(({ id }) => !known.has(id) && known.add(id));
}
