// Edits of the application's modules: each class of edit, undone, and in sequences.
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { EDITED } from "./edited-project.ts";

const CORE = EDITED["app/core.py"];
const LEAF = EDITED["app/leaf.py"];

test("bodies, constants, comments and new functions", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "app/core.py": CORE.replace("x * RATE", "x * RATE + 1") });
  await twins.edit({ "app/core.py": CORE.replace("RATE = 2", "RATE = 3") });
  await twins.edit({ "app/core.py": `# a comment\n${CORE}\n\ndef unused():\n    pass\n` });
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("two files in turns, and the first one undone", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "app/core.py": CORE.replace("RATE = 2", "RATE = 4") });
  await twins.edit({ "app/leaf.py": LEAF.replace("scale(3)", "scale(4)") });
  await twins.edit({ "app/core.py": CORE });
  await twins.edit({ "app/core.py": CORE.replace("RATE = 2", "RATE = 5"), "app/leaf.py": `${LEAF}\n` });
});

test("files that do not parse or import, and mended", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "app/core.py": "def scale(:\n" });
  await twins.edit({ "app/core.py": CORE });
  await twins.edit({ "app/leaf.py": `import helper\n\n${LEAF}` });
  await twins.edit({ "app/helper.py": "", "helper.py": "" });
  await twins.edit({ "helper.py": null });
  await twins.edit({ "helper/__init__.py": "1 / 0\n" });
  await twins.edit({ "helper/__init__.py": "" });
});

test("a module becomes a package, is shadowed, appears where it was optional", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "app/core.py": null, "app/core/__init__.py": CORE.replace("RATE = 2", "RATE = 3") });
  await twins.edit({ "app/core": null, "app/core.py": CORE });
  await twins.edit({ "optional.py": "" });
  await twins.edit({ "optional.py": null, "optional/__init__.py": "" });
  await twins.edit({ optional: null, "json.py": "raise ImportError('not the standard one')\n" });
  await twins.edit({ "json.py": null, "app/core.py": null });
});

test("data that is read and folders that are listed while importing", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "app/data.json": '{"k": 2}' });
  await twins.edit({ "app/data.json": '{"k": 1}', "app/new.sql": "" });
  await twins.edit({ "app/new.sql": null, "app/plugins/two.py": "" });
  await twins.edit({ "app/plugins/two.py": null, "app/plugins/one.py": null, "app/plugins/other.py": "1 / 0\n" });
});

test("files and folders whose presence alone is asked for while importing", async () => {
  await using twins = new ColdAndWarm({
    "lib.py": `
import os
import pathlib

FOUND = [os.path.exists("local.json"), pathlib.Path("folder").is_dir(), os.access("readable", os.R_OK)]
if not os.path.exists("made"):
    os.mkdir("made")
`,
    "test_lib.py": "import lib\n\n\ndef test_lib():\n    assert lib.FOUND == [False, False, False]\n",
  });
  await twins.same();
  await twins.edit({ "local.json": "" });
  await twins.edit({ "local.json": null });
  await twins.edit({ "folder/file": "" });
  await twins.edit({ folder: null, readable: "" });
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("sizes and times of files, and files that processes read, while importing", async () => {
  await using twins = new ColdAndWarm({
    "lib.py": `
import os
import subprocess
from pathlib import Path


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, **options).stdout.decode()


SIZES = [os.path.getsize("data.bin"), Path("data.bin").stat().st_size]
READ = [run("cat", "VERSION"), run("cat inner/text", shell=True), run("cat", "text", cwd="inner")]
COMMITS = run("git", "rev-list", "--count", "HEAD").strip()
`,
    "data.bin": "12345",
    VERSION: "1",
    "inner/text": "1",
    "test_lib.py": `
import lib


def test_sizes():
    assert lib.SIZES == [5, 5]


def test_read():
    assert lib.READ == ["1", "1", "1"]


def test_commits():
    assert lib.COMMITS == "1"
`,
  });
  const commit = () => {
    const name = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    execFileSync("git", [...name, "commit", "--quiet", "--allow-empty", "-m", "one"], { cwd: twins.project.root });
  };
  execFileSync("git", ["init", "--quiet"], { cwd: twins.project.root });
  commit();
  await twins.same();
  await twins.edit({ "data.bin": "123456" });
  await twins.edit({ "data.bin": "12345", VERSION: "2" });
  await twins.edit({ VERSION: "1", "inner/text": "2" });
  await twins.edit({ "inner/text": "1" });
  commit();
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("folders that are namespace packages: gone, a file, a link that leads nowhere", async () => {
  await using twins = new ColdAndWarm({
    "spaces/one/note.txt": "",
    "spaces/two/note.txt": "",
    "test_spaces.py": "import spaces.one\nimport spaces.two\n\n\ndef test_spaces():\n    assert spaces.two.__name__\n",
  });
  const { project } = twins;
  await twins.same();
  await twins.edit({ "spaces/two": null });
  await twins.edit({ "spaces/two": "a file" });
  await twins.edit({ "spaces/two": null, "elsewhere/note.txt": "" });
  symlinkSync("../elsewhere", project.at("spaces/two"));
  await twins.same();
  await twins.edit({ elsewhere: null });
  await twins.edit({ "elsewhere/note.txt": "" });
  await twins.same();
  expect(await twins.way()).toBe("warm");
});
