import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SourceKnowledge } from "../../../../src/daemon/watching/source-knowledge.ts";
import { versionNow, type World } from "../../../../src/daemon/watching/world.ts";
import { AgentServer } from "../../../../src/worker/agent-server.ts";
import { SourceReader } from "../../../../src/worker/source-reader.ts";
import { interpreter } from "../../../rig/interpreter.ts";
import { TempProject } from "../../watch/temp-project.ts";

const agentFolder = fileURLToPath(new URL("../../../../agent", import.meta.url));
const MODULES = Array.from({ length: 200 }, (_, place) => `module_${place}.py`);

function worldOf(project: TempProject): World {
  const sources = new Map(MODULES.map((name) => [project.at(name), versionNow(project.at(name))]));
  return { sources, others: new Map(), modules: [], entries: new Set(), changed: new Set() };
}

test("an edit waits for its own file while all others are read for the first time", async () => {
  using project = new TempProject(Object.fromEntries(MODULES.map((name) => [name, "x = 1\n"])));
  using stack = new DisposableStack();
  const stateFolder = mkdtempSync(join(tmpdir(), "pw-reader-"));
  stack.defer(() => rmSync(stateFolder, { recursive: true }));
  const server = new AgentServer({
    onHello: (_, channel) => reader.attach(channel),
    onStream: () => false,
  });
  stack.defer(() => server.close());
  await server.listen(stateFolder);
  const reader = stack.use(new SourceReader("reader", interpreter, { stateFolder, agentFolder }));
  const knowledge = new SourceKnowledge(reader);
  const before = worldOf(project);
  const learning = knowledge.learnAll(before);
  project.write("module_199.py", "x = 22\n");
  const now = worldOf(project);
  // The version from before the edit was never read, and nobody has waited for the others to learn that.
  expect(await knowledge.compare(before, now)).toEqual({ unread: project.at("module_199.py") });
  expect(knowledge.unread).toBeGreaterThan(0);
  expect(knowledge.graphOf(before, now)).toBeUndefined();
  await learning;
  await knowledge.learnAll(now);
  expect(knowledge.unread).toBe(0);
  expect(knowledge.graphOf(now, now)).toBeDefined();
});
