// Tips that can be patched.
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { fileEvent, parkedProcess } from "./processes.ts";
import { nextMillisecond, Shop } from "./shop.ts";

test("a tip behind which only modules were edited can be patched", () => {
  using shop = new Shop();
  expect(edited(shop)).toBe(null);
  shop.project.write("shop/cart.py", "x = 22\n");
  expect(edited(shop)).toEqual([shop.tip.id, ["shop/cart.py"]]);
  shop.project.write("shop/__init__.py", "y = 1\n");
  expect(edited(shop)).toEqual([shop.tip.id, ["shop/__init__.py", "shop/cart.py"]]);
});

test.each([
  ["a test file", (shop: Shop) => shop.project.write("tests/test_a.py", "changed")],
  ["a conftest", (shop: Shop) => shop.project.write("conftest.py", "changed")],
  ["a module that has gone", (shop: Shop) => rmSync(shop.project.at("shop/cart.py"))],
  ["a new file that an import looks for", (shop: Shop) => shop.project.write("cart.py", "")],
])("%s as well: it cannot", (_, change) => {
  using shop = new Shop();
  shop.project.write("shop/__init__.py", "y = 1\n");
  change(shop);
  expect(edited(shop)).toBe(null);
});

test("a variable with another value, or a module that is a test file, stands against it", () => {
  using shop = new Shop();
  shop.learn(shop.tip, () => [["env", "CURRENCY", null, 0, "0", 0, "0", "0"]]);
  shop.project.write("shop/cart.py", "x = 22\n");
  expect(edited(shop, { CURRENCY: "EUR" })).toBe(null);
  expect(edited(shop)).not.toBe(null);
  shop.learn(shop.tip, (path) => [fileEvent("testfile", "shop/cart.py", path("shop/cart.py"))]);
  expect(edited(shop)).toBe(null);
});

test("a tip that must not fork is not patched", () => {
  using shop = new Shop();
  shop.project.write("shop/cart.py", "x = 22\n");
  if (shop.tip.state.kind === "tip") {
    shop.tip.state = { ...shop.tip.state, tip: { ...shop.tip.state.tip, isSafe: false } };
  }
  expect(edited(shop)).toBe(null);
});

test("of several tips the one with the fewest edited modules is patched", () => {
  using shop = new Shop();
  shop.project.write("shop/cart.py", "x = 22\n");
  nextMillisecond();
  const later = parkedProcess(null, 2, "tip");
  shop.learn(later, (path) => [fileEvent("module", "shop.cart", path("shop/cart.py"))]);
  shop.learn(later, (path) => [fileEvent("module", "shop", path("shop/__init__.py"))]);
  nextMillisecond();
  shop.project.write("shop/__init__.py", "y = 1\n");
  shop.freshness.check([...shop.processes, later], {});
  expect(shop.freshness.editedModules([later, ...shop.processes], {})?.tip).toBe(later);
});

test("how a file was used", () => {
  using shop = new Shop();
  shop.learn(shop.tip, (path) => [fileEvent("open", path("prices.json"), path("prices.json"))]);
  const names = ["shop/cart.py", "tests/test_a.py", "conftest.py", "prices.json", "other.py"];
  expect(names.map((name) => shop.freshness.useOf(shop.project.at(name), shop.tip))).toEqual([
    "module",
    "test file",
    "conftest",
    "read",
    "unknown",
  ]);
});

/** The tip that can be patched, and the modules for it. */
function edited(shop: Shop, env: Readonly<Record<string, string>> = {}): readonly unknown[] | null {
  shop.freshness.check(shop.processes, env);
  const found = shop.freshness.editedModules(shop.processes, env);
  return found === null ? null : [found.tip.id, found.files.map((path) => shop.freshness.nameOf(path)).toSorted()];
}
