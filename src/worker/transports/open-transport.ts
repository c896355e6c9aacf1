import type { OnNodes } from "../../protocol/on-nodes.ts";
import { LocalTransport } from "./local.ts";
import { SshTransport } from "./ssh.ts";
import type { Transport, TransportSettings } from "./transport.ts";

/** The transport that `--on` names; undefined for one that this version does not have. */
export function makeTransport(on: OnNodes, settings: TransportSettings): Transport | undefined {
  switch (on.kind) {
    case "local":
      return new LocalTransport(on.count, settings);
    case "ssh":
      return new SshTransport(on.hosts, settings);
    case "ray":
      return undefined;
    default:
      return on satisfies never;
  }
}
