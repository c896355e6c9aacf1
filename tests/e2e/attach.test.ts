// `prewarm.attach`: details of a test or a fixture are shown with a failure, and with nothing else, wherever the fixture lives.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };
const agentFolder = fileURLToPath(new URL("../../agent", import.meta.url));

const CONFTEST = `from pathlib import Path
import prewarm
import pytest


@prewarm.fixture(scope="SCOPE")
def server():
    log = Path(__file__).with_name("server.log")
    log.write_text("started\\n")
    prewarm.attach("server log", log)
    return str(log)


@prewarm.fixture(scope="SCOPE")
def broken():
    prewarm.attach("attempt", "the port is taken")
    raise OSError("no server")
`;

const TESTS = `import prewarm


def test_fine(server):
    prewarm.attach("notes", "nobody reads this")


def test_fails(server):
    with open(server, "a") as log:
        log.write("refused\\n")
    prewarm.attach("request", "GET /basket")
    assert 0


def test_later(server):
    assert 0


def test_broken(broken):
    pass
`;

test.for(["run", "warm"])(
  "with a fixture of scope %s, in one process, in workers and in plain pytest",
  async (scope) => {
    using project = new Project({ "conftest.py": CONFTEST.replaceAll("SCOPE", scope), "test_a.py": TESTS });
    await using prewarm = new Prewarm(project, BARE);
    const args = ["-p", "no:cacheprovider"];
    const plain = await prewarm.plain(args, { env: { PYTHONPATH: agentFolder } });
    const runs = [
      plain,
      await prewarm.run(args),
      await prewarm.run(args),
      await prewarm.run(args, { flags: ["-n", "2"] }),
    ];
    for (const run of runs) {
      expect(run.exit).toBe(1);
      expect(attachedIn(run.stdout, "test_fails")).toMatch(/^server log: started\s.*refused\s*request: GET \/basket$/s);
      expect(attachedIn(run.stdout, "test_later")).toMatch(/^server log: started/);
      expect(attachedIn(run.stdout, "ERROR at setup of test_broken")).toBe("attempt: the port is taken");
      expect(run.stdout).not.toContain("nobody reads this");
    }
  },
);

/** The attached sections of one failure: `NAME: TEXT`. */
function attachedIn(stdout: string, title: string): string {
  const [, report = ""] = stdout.split(new RegExp(`^_+ ${title} _+$`, "m"));
  const [own = ""] = report.split(/^[_=]{3,} .* [_=]{3,}$/m);
  const sections = own.split(/^-+ Attached (.*?) -+$/m).slice(1);
  const texts: string[] = [];
  for (let at = 0; at < sections.length; at += 2) texts.push(`${sections[at]}: ${sections[at + 1]?.trim()}`);
  return texts.join("\n");
}
