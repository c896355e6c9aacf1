// `--on ray` where no cluster runs: one for the session, for this machine alone.
import { join } from "node:path";
import { expect, test } from "vitest";
import { listeningAddresses } from "../rig/listening.ts";
import { endDaemonsOf } from "../rig/nodes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { ON_RAY, rayEnvironment } from "../rig/ray-cluster.ts";

test("a cluster is started on the loopback address, serves later runs, and is gone when the daemon is", async () => {
  const tests = 'import os\n\n\ndef test_it():\n    assert "/nodes/ray-" in os.getcwd()\n';
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const env = rayEnvironment(prewarm);
  const ofRay = () => prewarm.processes().filter(({ words }) => /\/(?:gcs_server|raylet)$/.test(words[0] ?? ""));
  const begun: string[] = [];
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run([], { flags: ON_RAY, env });
    expect(run.stderr, way).toBe("");
    expect(run.exit, run.stdout).toBe(0);
    begun.push(
      ofRay()
        .map(({ pid }) => pid)
        .join(" "),
    );
  }
  expect(begun[1]).toBe(begun[0]);
  expect(ofRay()).toHaveLength(2);
  // Whoever can reach it could run what they like.
  const addresses = listeningAddresses(prewarm.processes().map(({ pid }) => pid));
  expect(addresses.length).toBeGreaterThan(1);
  expect(new Set(addresses)).toEqual(new Set(["0100007F"]));
  await prewarm.command(["stop"]).finished;
  // The node's own daemon would stay for its ttl; nobody else's work is to be found here.
  endDaemonsOf(prewarm, join(prewarm.stateFolder, "cache"));
  await prewarm.untilNothingIsLeft();
});
