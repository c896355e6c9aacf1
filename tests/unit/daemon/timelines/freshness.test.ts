import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { TempProject } from "../../watch/temp-project.ts";
import { fileEvent, parkedProcess, plainEvent } from "../processes.ts";
import { nextMillisecond, Shop } from "../shop.ts";

const LONG_AGO = 1_000_000_000;
const SITE = "venv/lib/python3.12/site-packages";

test("nothing is stale where nothing has changed", () => {
  using shop = new Shop();
  expect(shop.stale()).toEqual([null, null, null, null]);
});

test("a change makes stale what comes after it, and nothing before", () => {
  using shop = new Shop();
  shop.project.write("shop/cart.py", "x = 22\n");
  const reason = "shop/cart.py modified";
  expect(shop.stale()).toEqual([null, null, reason, reason]);
  expect(shop.freshness.edits(shop.tip)).toEqual([{ path: "shop/cart.py", kind: "modified" }]);
});

test("the first change tells the reason, and every one is an edit", () => {
  using shop = new Shop();
  shop.project.write("tests/test_a.py", "changed");
  shop.project.write("conftest.py", "changed");
  expect(shop.stale()).toEqual([null, "conftest.py modified", "conftest.py modified", "conftest.py modified"]);
  expect(shop.freshness.edits(shop.tip).map(({ path }) => path)).toEqual(["conftest.py", "tests/test_a.py"]);
});

test("a file that was touched after its content was read is no change", async () => {
  using shop = new Shop();
  shop.freshness.remember(shop.processes);
  await turn();
  utimesSync(shop.project.at("shop/cart.py"), LONG_AGO, LONG_AGO);
  expect(shop.stale()).toEqual([null, null, null, null]);
});

test("what changed while it was used makes stale for good", () => {
  using shop = new Shop();
  shop.learn(shop.tip, (path) => [plainEvent("changed", path("conftest.py"))]);
  expect(shop.stale()).toEqual([null, null, null, "conftest.py changed while it was used"]);
});

test("a file that was asked for and not there makes stale when it appears", () => {
  using shop = new Shop();
  shop.learn(shop.tip, (path) => [fileEvent("open", path("local.json"), path("local.json"))]);
  expect(shop.stale().at(-1)).toBe(null);
  shop.project.write("local.json", "{}");
  expect(shop.stale()).toEqual([null, null, null, "local.json created"]);
});

test("a file outside the project has its whole name", () => {
  using shop = new Shop();
  using other = new TempProject({ "prices.json": "{}" });
  shop.learn(shop.tip, () => [fileEvent("open", other.at("prices.json"), other.at("prices.json"))]);
  rmSync(other.at("prices.json"));
  expect(shop.stale().at(-1)).toBe(`${other.at("prices.json")} deleted`);
});

test("a package or conftest that has gone takes everything with it but the start", () => {
  for (const name of ["shop/__init__.py", "conftest.py"]) {
    using shop = new Shop();
    rmSync(shop.project.at(name));
    const reason = `${name} deleted`;
    expect(shop.stale()).toEqual([null, reason, reason, reason]);
  }
});

test("a conftest that is about to be executed and has gone makes its own checkpoint useless", () => {
  using shop = new Shop();
  const before = parkedProcess(shop.tip, 9, { kind: "conftest", path: shop.project.at("tests/conftest.py") });
  expect(shop.freshness.check([before], {})[0]?.stale).toBe("tests/conftest.py deleted");
});

test("what appears where an import looked, and could have been found, makes stale", () => {
  using shop = new Shop();
  shop.learn(shop.tip, (path) => [plainEvent("search", path("lib")), plainEvent("missing", "simplejson")]);
  mkdirSync(shop.project.at("lib"));
  shop.freshness.parked(shop.tip);
  shop.project.write("lib/other.py", "");
  expect(shop.stale()).toEqual([null, null, null, null]);
  shop.project.write("lib/simplejson.py", "");
  expect(shop.stale()).toEqual([null, null, null, "lib/simplejson.py created"]);
});

test("what appeared before a process began, it has seen", () => {
  using shop = new Shop();
  shop.project.write("shop/cart_2.py", "");
  shop.stale();
  nextMillisecond();
  const later = parkedProcess(shop.tip, 12, "tip");
  shop.learn(later, () => [plainEvent("missing", "cart_2")]);
  expect(shop.freshness.check([later], {})[0]?.stale).toBe(null);
});

test("a conftest or a configuration that appears makes stale all but the start", () => {
  using shop = new Shop();
  shop.project.write("shop/conftest.py", "");
  const reason = "shop/conftest.py created";
  expect(shop.stale()).toEqual([null, reason, reason, reason]);
});

test("a configuration that appears above the working directory makes stale all but the start", () => {
  using shop = new Shop();
  shop.project.write("tox.ini", "");
  const reason = "tox.ini created";
  expect(shop.stale()).toEqual([null, reason, reason, reason]);
});

test("a folder that lists other names makes stale what listed it", () => {
  using shop = new Shop();
  shop.project.write("data/a.json", "");
  const digest = createHash("sha1").update("a.json").digest("hex");
  shop.learn(shop.tip, (path) => [plainEvent("list", path("data"), null, digest)]);
  expect(shop.stale().at(-1)).toBe(null);
  shop.project.write("data/b.json", "");
  expect(shop.stale()).toEqual([null, null, null, "data lists other files"]);
});

test("what the start has made and a run has removed makes stale what made it", () => {
  using shop = new Shop();
  shop.project.write("cache/index", "");
  shop.project.write("cache/late", "");
  shop.freshness.reachedTip(shop.tip, [
    [shop.project.at("cache/index"), 3],
    [shop.project.at("cache/late"), 8],
  ]);
  expect(shop.stale()).toEqual([null, null, null, null]);
  rmSync(shop.project.at("cache/late"));
  expect(shop.stale().map((each) => each?.split(" ")[0] ?? null)).toEqual([null, null, null, "cache/late"]);
  rmSync(shop.project.at("cache/index"));
  expect(shop.stale().map((each) => each?.split(" ")[0] ?? null)).toEqual([null, null, "cache/index", "cache/index"]);
});

test("a variable makes stale what has read it, a variable that nobody has read does not", () => {
  using shop = new Shop({ CURRENCY: "EUR", TERM: "dumb" });
  shop.learn(shop.tip, () => [plainEvent("env", "CURRENCY"), plainEvent("env", "UNSET"), plainEvent("env", "TERM")]);
  const reason = (name: string) => `environment variable ${name} has another value`;
  expect(shop.stale({ CURRENCY: "EUR", TERM: "xterm", OTHER: "1" })).toEqual([null, null, null, null]);
  expect(shop.stale({ CURRENCY: "USD" })).toEqual([null, null, null, reason("CURRENCY")]);
  expect(shop.stale({ CURRENCY: "EUR", UNSET: "" })).toEqual([null, null, null, reason("UNSET")]);
});

test("where all variables were read each of them counts, but for those of the terminal", () => {
  using shop = new Shop({ CURRENCY: "EUR", COLUMNS: "80" });
  shop.learn(shop.tip, () => [plainEvent("env", "*")]);
  const reason = "environment variable (all were read) has another value";
  expect(shop.stale({ CURRENCY: "EUR", SHLVL: "2" }).at(-1)).toBe(null);
  expect(shop.stale({ CURRENCY: "EUR", OTHER: "1" }).at(-1)).toBe(reason);
  expect(shop.stale({}).at(-1)).toBe(reason);
});

test("packages that were installed make stale the whole timeline that used them", () => {
  using shop = new Shop();
  shop.project.write(`${SITE}/numpy-2.0.0.dist-info/METADATA`, "");
  shop.learn(shop.tip, (path) => [plainEvent("library", "numpy", path(`${SITE}/numpy/__init__.py`))]);
  expect(shop.stale()).toEqual([null, null, null, null]);
  renameSync(shop.project.at(`${SITE}/numpy-2.0.0.dist-info`), shop.project.at(`${SITE}/numpy-2.1.0.dist-info`));
  const reason = `installed packages changed in ${shop.project.at(SITE)}`;
  expect(shop.stale()).toEqual([reason, reason, reason, reason]);
});

test("only what is parked is judged, with its place in the timeline", () => {
  using shop = new Shop();
  shop.start.state = { kind: "running" };
  const [, , tip] = shop.freshness.check(shop.processes, {});
  expect(tip).toEqual({ id: shop.tip.id, index: 8, isTip: true, stale: null });
  expect(shop.freshness.check(shop.processes, {}).map(({ index }) => index)).toEqual([2, 5, 8]);
});

test("a line is all that a process and those before it have loaded", () => {
  using shop = new Shop();
  const files = shop.freshness.line(shop.tip).flatMap(({ files }) => [...files].map(({ path }) => path));
  const names = ["conftest.py", "shop/__init__.py", "shop/cart.py", "tests/test_a.py"];
  expect(files).toEqual(names.map((name) => shop.project.at(name)));
  expect(shop.freshness.isFresh(shop.processes, {})).toBe(true);
  shop.project.write("tests/test_a.py", "changed");
  expect(shop.freshness.isFresh(shop.processes, {})).toBe(false);
});
