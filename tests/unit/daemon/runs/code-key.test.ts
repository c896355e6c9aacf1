// What stands for the code of a run: the same text for the same versions of files, however they were come to.
import { expect, test } from "vitest";
import { codeKey } from "../../../../src/daemon/runs/code-key.ts";
import { fileEvent, parkedProcess } from "../processes.ts";
import { nextMillisecond, Shop } from "../shop.ts";

const FILES = ["conftest.py", "shop/__init__.py", "shop/cart.py"];

/** A tip that has loaded these files, each in a process of its own. */
function tipOf(shop: Shop, files: readonly string[]): ReturnType<typeof parkedProcess> {
  let process: ReturnType<typeof parkedProcess> | null = null;
  for (const [index, file] of files.entries()) {
    process = parkedProcess(process, index, index === files.length - 1 ? "tip" : {});
    shop.learn(process, (path) => [fileEvent("module", file, path(file))]);
  }
  return process ?? expect.unreachable();
}

test("checkpoints in other places and another order of imports are the same code", () => {
  using shop = new Shop();
  const key = codeKey(tipOf(shop, FILES), shop.freshness);
  expect(codeKey(tipOf(shop, FILES.toReversed()), shop.freshness)).toBe(key);
  const single = parkedProcess(null, 0, "tip");
  shop.learn(single, (path) => FILES.map((file) => fileEvent("module", file, path(file))));
  expect(codeKey(single, shop.freshness)).toBe(key);
  expect(codeKey(tipOf(shop, FILES.slice(1)), shop.freshness)).not.toBe(key);
});

test("another version of a file is other code, whether it was imported or patched in", () => {
  using shop = new Shop();
  const tip = tipOf(shop, FILES);
  const key = codeKey(tip, shop.freshness);
  nextMillisecond();
  shop.project.write("shop/cart.py", "x = 22\n");
  const patched = parkedProcess(tip, 9, "tip");
  shop.learn(patched, (path) => [fileEvent("module", "shop.cart", path("shop/cart.py"))]);
  const edited = codeKey(patched, shop.freshness);
  expect(edited).not.toBe(key);
  expect(codeKey(tipOf(shop, FILES), shop.freshness)).toBe(edited);
  expect(codeKey(tip, shop.freshness)).toBe(key);
});
