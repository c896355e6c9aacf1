// What the page asks of its surroundings: an editor, runs that repeat, a daemon that comes back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OpenPage } from "../rig/browser.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const FILES = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "tests/test_cart.py":
    "def check():\n    assert 3 == 4\n\n\ndef test_total():\n    check()\n\n\ndef test_tax(): pass\n",
};

const poll = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 60_000 });

/** An editor that writes down with which words it was called. */
function editor(prewarm: Prewarm): { readonly command: string; readonly calls: () => string } {
  const file = join(prewarm.stateFolder, "calls");
  const script = `${process.execPath} -e 'require("fs").appendFileSync(process.argv[1], process.argv.slice(2).join(" ") + ";")' ${file}`;
  return {
    command: script,
    calls: () => {
      try {
        return readFileSync(file, "utf8");
      } catch {
        return "";
      }
    },
  };
}

test("the editor opens where a test fails, else where it begins", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const { command, calls } = editor(prewarm);
  await using opened = await OpenPage.ui(prewarm, [], ["--editor", `${command} {file} {line}`]);
  const { page } = opened;
  await opened.verdict("1 failed");
  await page.keyboard.press("n");
  await page.keyboard.press("e");
  const file = project.at("tests/test_cart.py");
  await poll(calls).toBe(`${file} 2;`);
  await page.getByRole("treeitem", { name: "test_tax" }).click();
  await page.getByRole("button", { name: "Editor" }).click();
  await poll(calls).toBe(`${file} 2;${file} 9;`);
  // A folder is nothing that an editor opens.
  await page.getByRole("treeitem", { name: "tests, failed" }).click();
  await poll(() => page.getByRole("button", { name: "Editor" }).isDisabled()).toBe(true);
  expect(opened.faults).toEqual([]);
});

test("an editor that needs a terminal is refused in words", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, { VISUAL: "", EDITOR: "vim -p" });
  await using opened = await OpenPage.ui(prewarm);
  await opened.verdict("1 failed");
  await opened.page.keyboard.press("n");
  await opened.page.keyboard.press("e");
  await opened.page.getByRole("alert").getByText("EDITOR names `vim -p`, which needs a terminal").waitFor();
});

test("what is selected is repeated, until somebody stops it", async () => {
  using project = new Project({
    "pytest.ini": "[pytest]\npythonpath = .\n",
    "puppet.py": PUPPET_MODULE,
    "test_now.py": "import puppet\ndef test_now(): puppet.play('now')\n",
  });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  await using opened = await OpenPage.ui(prewarm);
  const { page } = opened;
  (await master.next()).say("pass");
  await opened.verdict("all 1 ran");
  await page.getByRole("treeitem", { name: "test_now, passed" }).click();
  await page.getByRole("button", { name: "Repeat 100" }).click();
  const told = page.locator(".repeated");
  for (const word of ["pass", "pass", "fail", "fail"]) (await master.next()).say(word);
  // The fifth run has begun when four have been counted, and waits for its word.
  const fifth = await master.next();
  await told.getByText("4 of 100 · ✓ 2 passed · ✗ 2 failed").waitFor();
  await told.getByRole("button", { name: "Stop" }).click();
  await told.getByText("Repeated test_now").waitFor();
  fifth.say("pass");
  await told.getByText("5 of 100 · ✓ 3 passed · ✗ 2 failed").waitFor();
  await told.getByRole("button", { name: "Close" }).click();
  await told.waitFor({ state: "hidden" });
  expect(opened.faults).toEqual([]);
});

test("a page that comes back shows what ran while it was away", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm);
  const { page } = opened;
  await opened.verdict("✗ 1 failed, 1 passed · all 2 ran");
  await page.context().setOffline(true);
  process.kill((await prewarm.status()).pid, "SIGKILL");
  await page.getByText("The daemon has left. This is the state of").waitFor();
  project.write("tests/test_cart.py", FILES["tests/test_cart.py"].replace("3 == 4", "12 == 12"));
  await prewarm.run();
  // The command serves the page anew and watches for it: that run has ended, too, before the page hears of anything.
  await poll(() => opened.lastVerdict()).toBe(0);
  await page.context().setOffline(false);
  await opened.verdict("✓ all 2 ran: 2 passed");
  await poll(() => opened.rows()).toEqual(["1 ✓ tests", "2 ✓ test_cart.py", "3 ✓ test_total", "3 ✓ test_tax"]);
});

test("a page whose daemon has died comes back with the next one, without a reload", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm);
  await opened.verdict("all 2 ran");
  const { page } = opened;
  await page.evaluate("document.title = 'not loaded anew'");
  process.kill((await prewarm.status()).pid, "SIGKILL");
  await page.getByText("The daemon has left. This is the state of").waitFor();
  expect(await opened.rows()).toContain("3 ✗ test_total");
  expect(await page.getByRole("button", { name: "Run all" }).isDisabled()).toBe(true);

  // Of another size: Python takes bytecode of the same second and size for that of this file, and the next daemon knows of no edit.
  project.write("tests/test_cart.py", FILES["tests/test_cart.py"].replace("3 == 4", "12 == 12"));
  await prewarm.run();
  await page.getByText("The daemon has left").waitFor({ state: "detached" });
  await page.keyboard.press("a");
  await opened.verdict("✓ all 2 ran: 2 passed");
  expect(await page.title()).toBe("not loaded anew");
});
