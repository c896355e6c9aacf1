// Files that the start of a project writes itself, and that a run, or somebody else, changes afterwards: a cold run writes them anew.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { installForUser } from "../rig/user-site.ts";

test("a test changes what the start has written", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "with open('state.txt', 'w') as file:\n    file.write('0')\n",
    "test_state.py": `
def test_state():
    with open("state.txt") as file:
        assert file.read() == "0"
    with open("state.txt", "w") as file:
        file.write("1")
`,
  });
  for (let round = 0; round < 3; round += 1) {
    await twins.same();
    // The start of the cold run has written it anew; now it is as the warm run has left it.
    expect((await twins.prewarm.run()).exit).toBe(0);
  }
});

test("somebody changes what the start has written, and changes it back", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "with open('state.txt', 'w') as file:\n    file.write('0')\n",
    "test_state.py": "def test_state():\n    with open('state.txt') as file:\n        assert file.read() == '0'\n",
  });
  const { prewarm, project } = twins;
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  project.write("state.txt", "1");
  expect((await prewarm.run()).exit).toBe(0);
  expect(readFileSync(project.at("state.txt"), "utf8")).toBe("0");
});

test("a module adds to what the conftest has written, and is imported again", async () => {
  const module = "with open('state.txt', 'a') as file:\n    file.write('m')\n";
  await using twins = new ColdAndWarm({
    "conftest.py": "with open('state.txt', 'w') as file:\n    file.write('0')\n",
    "module.py": module,
    "test_state.py":
      "import module\n\n\ndef test_state():\n    with open('state.txt') as file:\n        assert file.read() == '0m'\n",
  });
  const { prewarm, project } = twins;
  expect((await prewarm.run()).exit).toBe(0);
  expect((await prewarm.run()).exit).toBe(0);
  for (const text of [`${module}X = 1\n`, `${module}X = 2\n`]) {
    project.write("module.py", text);
    expect((await prewarm.run()).exit).toBe(0);
    expect((await prewarm.run()).exit).toBe(0);
  }
});

test("a log that the start keeps open is no reason to start again", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "import logging\n\nlogging.basicConfig(filename='shop.log', level='INFO')\n",
    "test_log.py": "import logging\n\n\ndef test_log():\n    logging.getLogger().info('hello')\n",
  });
  await twins.same();
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

// In idle time a start is made once more, with its packages imported ahead: what the run has left would be gone.
test.each([
  ["writes to", "with open('results.txt', 'w') as file:\n    file.write('begun\\n')\n"],
  ["removes", "import os\n\nif os.path.exists('results.txt'):\n    os.remove('results.txt')\n"],
])("a start that %s a file of the project is not repeated by itself", async (_, conftest) => {
  const starts = "starts = open('starts.log', 'a', buffering=1)\nstarts.write('start\\n')\n";
  await using twins = new ColdAndWarm({
    "conftest.py": `import package\n\n${conftest}${starts}`,
    "results.txt": "of somebody else\n",
    "test_it.py":
      "def test_it(request):\n    with open('results.txt', 'a') as file:\n        file.write('tested\\n')\n",
  });
  const { prewarm, project } = twins;
  const env = installForUser(prewarm, { "package.py": "" });
  expect((await prewarm.run([], { env })).exit).toBe(0);
  const left = readFileSync(project.at("results.txt"), "utf8");
  // Other command lines take longer than a start.
  for (const args of [["-q"], ["-v"]])
    await prewarm.command(["run", "--no-daemon", "--", "pytest", "--version", ...args]).finished;
  expect(readFileSync(project.at("starts.log"), "utf8")).toBe("start\n");
  expect(readFileSync(project.at("results.txt"), "utf8")).toBe(left);
});

test("the folder of pytest's cache may be made at the start", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "def pytest_configure(config):\n    config.cache.set('own/seed', 1)\n",
    "test_it.py": "def test_it():\n    pass\n",
  });
  for (let round = 0; round < 2; round += 1) expect((await twins.prewarm.run()).exit).toBe(0);
  expect(await twins.way()).toBe("warm");
});
