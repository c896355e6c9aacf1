// The served resources against their own document, as schemathesis reads it.
import { expect, test } from "vitest";
import { HttpClient } from "../rig/http-client.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { runTool } from "../rig/tools.ts";

test("every resource keeps to the document, whatever it is asked", async () => {
  using project = new Project({ "test_one.py": "def test_one(): pass\ndef test_two(): assert False\n" });
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm);
  const { exit, stdout } = await runTool(
    "schemathesis",
    [
      ...["run", `${http.url}/openapi.json`, "--header", `Authorization: Bearer ${http.token}`, "--checks", "all"],
      // The stream of events has no end.
      ...["--exclude-path", "/events", "--max-examples", "5", "--seed", "1", "--no-color"],
    ],
    { cwd: project.root, env: prewarm.environment() },
  );
  expect({ exit, stdout: exit === 0 ? "" : stdout.slice(-5_000) }).toEqual({ exit: 0, stdout: "" });
  expect((await http.get("/status")).status).toBe(200);
});
