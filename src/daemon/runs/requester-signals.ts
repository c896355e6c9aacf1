import type { AgentOrder } from "../../protocol/agent-messages.ts";
import type { ApiRequest } from "../../protocol/api.ts";
import type { RunProcess } from "../../worker/run-process.ts";

type Change = Extract<ApiRequest, { type: "terminal" }>["change"];

/** What a run without a controlling terminal gets in place of what that would have sent. */
const SIGNALS: Readonly<Record<Change, NodeJS.Signals>> = {
  resized: "SIGWINCH",
  suspended: "SIGSTOP",
  resumed: "SIGCONT",
};
const FREE: AgentOrder = { type: "debug" };

/** Passes on what a requester does at its terminal while this process leads its run; disposed of at the end of that. */
export function followRequester(leader: RunProcess, requester: EventTarget): Disposable {
  const over = new AbortController();
  const on = (name: string, act: () => void): void => requester.addEventListener(name, act, { signal: over.signal });
  on("interrupt", () => leader.signal("SIGINT"));
  on("debug", () => leader.answer(FREE));
  for (const [change, signal] of Object.entries(SIGNALS)) on(change, () => leader.signal(signal));
  return { [Symbol.dispose]: () => over.abort() };
}
