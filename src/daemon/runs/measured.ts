import type { AgentMessage } from "../../protocol/agent-messages.ts";
import type { TestCost } from "../../protocol/events.ts";
import type { NodeId } from "../../protocol/ids.ts";

type Measured = Extract<AgentMessage, { type: "measured" }>;

/** What an agent has told of a test, with names. */
export function testCost({ id, worker, startMs, phases, fixtures, profile }: Measured): TestCost {
  const [setup, call, teardown] = phases.map(([wallMs, cpuMs]) => ({ wallMs, cpuMs })) as [Cost, Cost, Cost];
  return {
    id: id as NodeId,
    ...(worker === "" ? {} : { worker }),
    startMs,
    setup,
    call,
    teardown,
    fixtures: fixtures.map(([name, path, line, scope, wallMs, cpuMs]) => ({ name, path, line, scope, wallMs, cpuMs })),
    profile: profile.map(([name, path, line, calls, ownMs]) => ({ name, path, line, calls, ownMs })),
  };
}

type Cost = TestCost["call"];
