import type { Outcome, RunEvent, RunRecord, Selection, Way } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";

/** A record with these members, the rest as of a warm run that passed. */
export function recordOf(members: Partial<RunRecord> = {}): RunRecord {
  return {
    exit: 0,
    way: "warm",
    reason: "nothing that was loaded has changed",
    durationMs: 38,
    firstTestMs: 20,
    tests: 0,
    modules: 3,
    coldMs: null,
    unfinished: 0,
    ...members,
  };
}

/** Node ids `tests/test_cart.py::test_0` and so on. */
export function idsOf(file: string, count: number): readonly NodeId[] {
  return Array.from({ length: count }, (_, index) => `${file}::test_${index}` as NodeId);
}

/** The events of a run from its start to its collection. */
export function begun(ids: readonly NodeId[], selection: Selection = "all", way: Way = "warm"): readonly RunEvent[] {
  return [
    { type: "run-started", run: "r1" as RunId, way, reason: "", selection },
    { type: "collected", ids },
  ];
}

/** One test from its start to its outcome. */
export function ran(id: NodeId, outcome: Outcome = "passed", text?: string): readonly RunEvent[] {
  return [
    { type: "test-started", id },
    { type: "test-finished", id, outcome, durationMs: 4, text },
  ];
}

/** The end of a run. */
export function ended(members: Partial<RunRecord> = {}): RunEvent {
  return { type: "run-finished", run: "r1" as RunId, record: recordOf(members) };
}

/** pytest's report of a failed assertion, as it is on the wire. */
export const REFUND = `order = <Order 7>

    def test_refund(order):
>       assert refund(order, 10) == 25
E       assert 15 == 25
E        +  where 15 = refund(<Order 7>, 10)

tests/test_checkout.py:88: AssertionError`;
