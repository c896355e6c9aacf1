import type { OnNodes } from "../../protocol/on-nodes.ts";
import { LocalTransport } from "./local.ts";
import { RayTransport } from "./ray.ts";
import { SshTransport } from "./ssh.ts";
import type { Transport, TransportSettings } from "./transport.ts";

/** The transport that `--on` names. */
export function makeTransport(on: OnNodes, settings: TransportSettings): Transport {
  switch (on.kind) {
    case "local":
      return new LocalTransport(on.count, settings);
    case "ssh":
      return new SshTransport(on.hosts, settings);
    case "ray":
      return new RayTransport(on.address, settings);
    default:
      return on satisfies never;
  }
}
