// `prewarm ui` in a real browser: what the page shows is what pytest says.
import { expect, test } from "vitest";
import { OpenPage } from "../rig/browser.ts";
import { HttpClient } from "../rig/http-client.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { Watch } from "../rig/watch.ts";

const CART = [
  "import pytest",
  "import shop",
  "",
  "",
  "class TestCart:",
  "    def test_total(self):",
  "        print('counting')",
  "        assert [shop.total(), 2] == [4, 2]",
  "",
  "    @pytest.mark.parametrize('tax', ['a::b', 'c'])",
  "    def test_tax(self, tax):",
  "        assert tax",
  "",
].join("\n");
const FILES = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "shop.py": "def total():\n    return 3\n",
  "tests/test_cart.py": CART,
  "tests/test_mail.py": "def test_sent(): pass\n",
};

/** Looks at the page until it is as expected. */
const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 60_000 });

test("a failure is found, read and mended", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"]);
  const { page } = opened;
  await opened.verdict("✗ 1 failed, 3 passed · all 4 ran");
  expect(await opened.rows()).toEqual([
    "1 ✗ tests",
    "2 ✗ test_cart.py",
    "3 ✗ TestCart",
    "4 ✗ test_total",
    "4 ✓ test_tax[a::b]",
    "4 ✓ test_tax[c]",
    "2 ✓ test_mail.py",
    "3 ✓ test_sent",
  ]);
  // The token is in no address that a browser would remember.
  expect(new URL(page.url()).hash).toBe("#view=tests");

  await page.keyboard.press("n");
  const panel = page.getByRole("tabpanel");
  await panel.getByText("assert [3, 2] == [4, 2]").first().waitFor();
  await page.getByRole("tab", { name: "Source" }).click();
  await poll(() => panel.innerText()).toContain("6     def test_total(self):");
  expect(await panel.innerText()).not.toContain("test_tax");
  await page.getByRole("tab", { name: "Output" }).click();
  await poll(() => panel.innerText()).toContain("counting");
  expect(await panel.innerText()).not.toContain("assert");

  project.write("shop.py", "def total():\n    return 4\n");
  await opened.verdict("affected passed");
  await page.locator(".edit", { hasText: "shop.py body of total()" }).waitFor();
  // What the edit could not affect keeps its outcome, and is not green.
  await poll(async () => (await opened.rows()).filter((row) => row.includes("test_sent"))).toEqual(["3 ○ test_sent"]);
  expect((await opened.rows()).filter((row) => row.includes("test_total"))).toEqual(["4 ✓ test_total"]);
  await page.keyboard.press("a");
  await opened.verdict("✓ all 4 ran: 4 passed");
  expect(opened.faults).toEqual([]);
});

test("everything can be done without a mouse, and a reload shows the same", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"]);
  const { page } = opened;
  await opened.verdict("all 4 ran");
  await page.keyboard.press("/");
  await page.keyboard.type("cart TAX[c");
  await poll(() => opened.rows()).toEqual(["1 ✗ tests", "2 ✗ test_cart.py", "3 ✗ TestCart", "4 ✓ test_tax[c]"]);
  await page.keyboard.press("Enter");
  for (const key of ["ArrowDown", "j", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  await page.keyboard.press("End");
  await poll(() => opened.selected()).toBe("test_tax[c]");
  const tree = page.getByRole("tree");
  expect(await tree.evaluate((each) => each.matches(":focus"))).toBe(true);
  const row = page.getByRole("treeitem", { name: "test_tax[c]" });
  expect(await row.getAttribute("id")).toBe(await tree.getAttribute("aria-activedescendant"));
  expect(await Promise.all(["level", "setsize", "posinset"].map((of) => row.getAttribute(`aria-${of}`)))).toEqual([
    ...["4", "1", "1"],
  ]);

  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "keys" });
  await keys.getByText("the next failure").waitFor();
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "hidden" });

  await page.keyboard.press("r");
  await opened.verdict("1 chosen passed");
  await page.reload();
  await opened.verdict("1 chosen passed");
  await poll(() => opened.selected()).toBe("test_tax[c]");
  expect(await page.getByRole("searchbox").inputValue()).toBe("cart TAX[c");
  await page.keyboard.press("Escape");
  await poll(async () => (await opened.rows()).length).toBe(8);
  expect(opened.faults).toEqual([]);
});

test("what is typed right after the key of the search is in the search, from any view", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"]);
  await opened.verdict("all 4 ran");
  // Both keys within one frame: a keyboard leaves no time for more than the drawing of a change.
  const focused = () =>
    opened.page.evaluate<string>(`(async () => {
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true }));
      await Promise.resolve();
      return document.activeElement.id;
    })()`);
  expect(await focused()).toBe("search");
  await opened.page.getByRole("button", { name: "Trunk" }).click();
  await opened.page.getByRole("searchbox").waitFor({ state: "detached" });
  expect(await focused()).toBe("search");
  expect(opened.faults).toEqual([]);
});

test("without the token nothing is told, and without a daemon nothing more", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"]);
  await opened.verdict("all 4 ran");
  await using stranger = await OpenPage.open(new URL("/", opened.page.url()).href);
  await stranger.page.getByText("This address has no token").waitFor();
  expect(await stranger.rows()).toEqual([]);

  // What was told stays readable when nobody is there any more.
  await prewarm.command(["stop"]).finished;
  await opened.page.getByText("The daemon has left. This is the state of").waitFor();
  expect(await opened.rows()).toContain("4 ✗ test_total");
  // What is read needs nobody: the next failure is shown all the same.
  for (const button of await opened.page.locator(".buttons button:not([aria-keyshortcuts=n])").all()) {
    expect(await button.isDisabled()).toBe(true);
  }
});

test("a run can be stopped, and what it left out can be run", async () => {
  using project = new Project({
    "pytest.ini": "[pytest]\npythonpath = .\n",
    "puppet.py": PUPPET_MODULE,
    "test_slow.py": "import puppet\ndef test_one(): pass\ndef test_two(): puppet.play('two')\ndef test_three(): pass\n",
  });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  await using opened = await OpenPage.ui(prewarm);
  const { page } = opened;
  await (await puppets.next()).occupy("hang");
  await poll(() => opened.rows()).toEqual(["1 ❯ test_slow.py", "2 ✓ test_one", "2 ❯ test_two", "2 · test_three"]);
  await page.keyboard.press("c");
  await opened.verdict("outdated, not run");
  await poll(async () => (await opened.rows()).slice(2)).toEqual(["2 ? test_two", "2 ? test_three"]);
  await page.keyboard.press("u");
  (await puppets.next()).say("pass");
  await opened.verdict("2 chosen passed");
  expect(await opened.rows()).toEqual(["1 ✓ test_slow.py", "2 ○ test_one", "2 ✓ test_two", "2 ✓ test_three"]);
});

test("a run, the trunk and the history are told in words as well as in pictures", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"], ["-n", "2"]);
  const { page } = opened;
  await opened.verdict("all 4 ran");
  project.write("shop.py", "def total():\n    return 4\n");
  await opened.verdict("affected passed");

  await page.keyboard.press("2");
  const why = page.getByRole("region", { name: "why" });
  await why.getByText("shop.py body of total()").first().waitFor();
  await why.getByText("Why each test ran").waitFor();
  await page.getByRole("region", { name: "timeline" }).getByRole("img").waitFor();
  const longest = page.getByRole("region", { name: "longest tests" });
  await longest.getByRole("button", { name: "test_total" }).click();
  await poll(() => opened.selected()).toBe("test_total");

  await page.keyboard.press("3");
  await page.getByRole("cell", { name: "the tip" }).waitFor();
  const start = page.getByRole("region", { name: "what a cold start executes" });
  await start.getByRole("cell", { name: "shop", exact: true }).waitFor();

  await page.keyboard.press("4");
  const runs = page.getByRole("region", { name: "runs" });
  await runs.getByRole("row", { name: /✗ 1 .* cold .*1 failed/ }).waitFor();
  await page.getByRole("region", { name: "slowest tests" }).getByRole("button", { name: "test_sent" }).waitFor();
  expect(opened.faults).toEqual([]);
});

test("whoever opens the page of a watch sees what it stands by, and runs in it", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm, [], ["tests"]);
  await watch.run();
  await using http = await HttpClient.serve(prewarm, ["tests"]);
  await using opened = await OpenPage.open(`${http.url}/#${http.token}`);
  await poll(async () => (await opened.rows()).slice(3)).toEqual([
    ...["4 ✗ test_total", "4 ✓ test_tax[a::b]", "4 ✓ test_tax[c]", "2 ✓ test_mail.py", "3 ✓ test_sent"],
  ]);
  await opened.verdict("✗ 1 failed, 3 passed · all 4 ran");
  project.write("shop.py", "def total():\n    return 4\n");
  expect(await watch.run()).toMatchObject({ "tests/test_cart.py::TestCart::test_total": "passed" });
  await opened.verdict("affected passed");
  await opened.page.keyboard.press("a");
  expect(Object.keys(await watch.run())).toHaveLength(4);
  await opened.verdict("all 4 ran: 4 passed");
  const notice = opened.page.getByText("Nobody watches");
  expect(await notice.count()).toBe(0);
  watch.end();
  // The watch may take a moment to go: the page asks again after each run.
  await poll(async () => {
    await prewarm.run(["tests"]);
    return notice.count();
  }).toBe(1);
  expect(opened.faults).toEqual([]);
});
