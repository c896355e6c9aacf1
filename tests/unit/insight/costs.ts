import type { TestCost } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";

/** What a made-up test has cost: its call alone unless `over` says more. */
export function cost(
  id: string,
  startMs: number,
  wallMs: number,
  cpuMs = wallMs,
  over: Partial<TestCost> = {},
): TestCost {
  const nothing = { wallMs: 0, cpuMs: 0 };
  return {
    id: id as NodeId,
    startMs,
    setup: nothing,
    call: { wallMs, cpuMs },
    teardown: nothing,
    fixtures: [],
    profile: [],
    ...over,
  };
}
