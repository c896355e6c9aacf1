import type { CutPlace, TimelineEvent } from "../../../src/protocol/agent-messages.ts";
import { statSignature } from "../../../src/watch/fingerprint.ts";
import { TrunkProcess } from "../../../src/worker/trunk-process.ts";
import { messages } from "../protocol/golden-messages.ts";

type Environment = Readonly<Record<string, string>>;

let ids = 0;

/** A process of a trunk that has parked before something, or at the tip; nothing runs in it. */
export function parkedProcess(
  parent: TrunkProcess | null,
  index: number,
  before: Partial<CutPlace> | "tip",
  env: Environment = {},
): TrunkProcess {
  ids += 1;
  const process = new TrunkProcess(`t${ids}`, parent, env);
  process.state =
    before === "tip"
      ? { kind: "tip", tip: { ...messages.tip[0], index }, sinceMs: 0 }
      : { kind: "parked", at: { ...messages.parked[0].at, kind: "module", path: null, ...before, index }, sinceMs: 0 };
  return process;
}

/** The event of a file that is used now, as it is now. */
export function fileEvent(
  kind: "module" | "conftest" | "testfile" | "open",
  name: string,
  path: string,
): TimelineEvent {
  const { mtimeNs = 0n, size = -1, ino = 0n, ctimeNs = 0n } = statSignature(path) ?? {};
  return [kind, name, path, 0, `${mtimeNs}`, size, `${ino}`, `${ctimeNs}`];
}

/** The event of something that is no file of the project. */
export function plainEvent(
  kind: TimelineEvent[0],
  name: string,
  path: string | null = null,
  digest = "0",
): TimelineEvent {
  return [kind, name, path, 0, "0", 0, digest, "0"];
}
