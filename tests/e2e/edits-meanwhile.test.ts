// Files that change while a timeline uses them, and are as they were when it has come to its end.
import { expect, onTestFinished, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { PUPPET_MODULE, type Puppet, PuppetMaster } from "../rig/puppet.ts";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { Watch } from "../rig/watch.ts";

/** So that a timeline which is resumed before it parks at a tip of its own, and does not lead its run itself. */
const SLOW = "import time\ntime.sleep(0.2)\n";

const TEST_LIB = "import lib\n\n\ndef test_value():\n    assert lib.VALUE is None\n";

type Act = (project: Project) => void;

/** A project whose imports stop at puppets: each passes at once, unless something is to happen there the next time. */
class Stage implements AsyncDisposable {
  readonly twins: ColdAndWarm;
  readonly #puppets: PuppetMaster;
  readonly #acts = new Map<string, Act>();

  private constructor(twins: ColdAndWarm, puppets: PuppetMaster) {
    this.twins = twins;
    this.#puppets = puppets;
    void this.#answer();
  }

  static async open(files: Readonly<Record<string, string>>): Promise<Stage> {
    const twins = new ColdAndWarm({ "puppet.py": PUPPET_MODULE, ...files });
    return new Stage(twins, await PuppetMaster.listen(twins.prewarm));
  }

  /** The next time that this puppet is there, this happens before its import goes on. */
  when(name: string, act: Act): void {
    this.#acts.set(name, act);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.twins[Symbol.asyncDispose]();
    await this.#puppets[Symbol.asyncDispose]();
  }

  async #answer(): Promise<never> {
    for (;;) this.#pass(await this.#puppets.next());
  }

  #pass(puppet: Puppet): void {
    const act = this.#acts.get(puppet.name);
    this.#acts.delete(puppet.name);
    act?.(this.twins.project);
    puppet.say("pass");
  }
}

test("a test file is gone for a moment while pytest imports it", async () => {
  const testFile = (name: string) =>
    `import lib\nimport puppet\n\npuppet.play("${name}")\n\n\ndef test_lib():\n    assert lib.X\n`;
  const files = { "test_first.py": testFile("first"), "test_second.py": testFile("second") };
  await using stage = await Stage.open({ "lib.py": `${SLOW}X = 1\n`, ...files });
  const { twins } = stage;
  await twins.same();
  twins.project.write("lib.py", `${SLOW}X = 2\n`);
  stage.when("first", (project) => project.remove("test_first.py"));
  stage.when("second", (project) => project.write("test_first.py", files["test_first.py"]));
  expect((await twins.prewarm.run()).stdout).toContain("import file mismatch");
  expect((await twins.prewarm.run()).exit).toBe(0);
});

const LOOKS = {
  "open(path)": "try:\n        return open('extra.txt').read()\n    except FileNotFoundError:\n        return None",
  "os.path.exists(path)": "return os.path.exists('extra.txt') or None",
  "os.listdir(folder)": "return 'extra.txt' in os.listdir() or None",
};

test.each(Object.entries(LOOKS))("a file is there for a moment, between two uses of %s", async (_, body) => {
  const library = `${SLOW}import os\nimport puppet\n\n\ndef look():\n    ${body}\n\n
look()
puppet.play("before")
VALUE = look()
puppet.play("after")
`;
  await using stage = await Stage.open({ "lib.py": library, "test_lib.py": TEST_LIB });
  const { twins } = stage;
  await twins.same();
  twins.project.write("lib.py", `${library}X = 1\n`);
  stage.when("before", (project) => project.write("extra.txt", "1"));
  stage.when("after", (project) => project.remove("extra.txt"));
  expect((await twins.prewarm.run()).exit).toBe(1);
  expect((await twins.prewarm.run()).exit).toBe(0);
});

/** The conftest reads it before the checkpoint from which an edit of the module is served, the module behind it. */
const READ_TWICE = {
  "data.txt": "",
  "conftest.py": "open('data.txt').read()\n",
  "lib.py": `${SLOW}import puppet\n\npuppet.play("before")\nVALUE = open("data.txt").read() or None\npuppet.play("after")\n`,
  "test_lib.py": TEST_LIB,
};

function changeForAMoment(stage: Stage): void {
  stage.when("before", (project) => project.write("data.txt", "1"));
  stage.when("after", (project) => project.write("data.txt", ""));
  stage.twins.project.write("lib.py", `${READ_TWICE["lib.py"]}X = 1\n`);
}

test("a file is another one for a moment, that was used before the checkpoint already", async () => {
  await using stage = await Stage.open(READ_TWICE);
  const { twins } = stage;
  await twins.same();
  changeForAMoment(stage);
  expect((await twins.prewarm.run()).exit).toBe(1);
  expect((await twins.prewarm.run()).exit).toBe(0);
});

test("a watch does not stand by outcomes of what was there for a moment", async () => {
  await using stage = await Stage.open(READ_TWICE);
  const watch = new Watch(stage.twins.prewarm);
  onTestFinished(() => watch.end());
  expect(await watch.run()).toEqual({ "test_lib.py::test_value": "passed" });
  changeForAMoment(stage);
  expect(await watch.run()).toEqual({ "test_lib.py::test_value": "failed" });
  expect(await watch.run()).toEqual({ "test_lib.py::test_value": "passed" });
});
