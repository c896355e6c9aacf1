import { expect, test } from "vitest";
import { Segment } from "../../../src/graph/segment.ts";
import type { TimelineEvent } from "../../../src/protocol/agent-messages.ts";

test("a file is recorded as it was at its first use", () => {
  const segment = segmentOf(
    file("module", "shop.cart", "/shop/cart.py", "1"),
    file("open", "/shop/cart.py", "/shop/cart.py", "2"),
  );
  segment.add([file("module", "cart", "/shop/cart.py", "3")]);
  expect([...segment.files]).toEqual([{ path: "/shop/cart.py", mtimeNs: "1", size: 10, ino: "99", ctimeNs: "1" }]);
});

test("a file that was asked for and not there is recorded as that", () => {
  const segment = segmentOf(["open", "/shop/local.json", "/shop/local.json", 1, "0", -1, "0", "0"]);
  expect([...segment.files]).toEqual([{ path: "/shop/local.json", mtimeNs: "0", size: -1, ino: "0", ctimeNs: "0" }]);
});

test("modules, conftests and test files make their folders interesting, data does not", () => {
  const segment = segmentOf(
    file("module", "shop", "/shop/shop/__init__.py"),
    file("conftest", "/shop/conftest.py", "/shop/conftest.py"),
    file("testfile", "tests/unit/test_a.py", "/shop/tests/unit/test_a.py"),
    file("open", "/shop/data/prices.json", "/shop/data/prices.json"),
    library("numpy"),
  );
  expect([...segment.directories]).toEqual(["/shop/shop", "/shop", "/shop/tests/unit"]);
  expect([...segment.files].map(({ path }) => path)).toEqual([
    "/shop/shop/__init__.py",
    "/shop/conftest.py",
    "/shop/tests/unit/test_a.py",
    "/shop/data/prices.json",
  ]);
});

test("only modules of the project count as modules", () => {
  const segment = segmentOf(
    file("module", "shop", "/shop/shop/__init__.py"),
    file("module", "shop.cart", "/shop/shop/cart.py"),
    file("testfile", "tests/test_a.py", "/shop/tests/test_a.py"),
    library("numpy"),
  );
  expect(segment.modules).toBe(2);
});

test("variables are names, and a star for all of them", () => {
  const segment = segmentOf(env("CURRENCY"), env("*"), env("CURRENCY"));
  expect([...segment.variables]).toEqual(["CURRENCY", "*"]);
});

test("a folder is recorded with the names that it listed, and is no file", () => {
  const segment = segmentOf(listing("/shop/data", "aa"), listing("/shop/more", "bb"));
  expect([...segment.listings]).toEqual([
    { path: "/shop/data", digest: "aa" },
    { path: "/shop/more", digest: "bb" },
  ]);
  expect([...segment.files]).toEqual([]);
});

test("installed modules keep their order, those that pytest rewrites apart", () => {
  const segment = segmentOf(library("numpy"), library("_socket", null), [
    "rewritten",
    "pytest_mock",
    "/site/pytest_mock.py",
    1,
    "0",
    0,
    "0",
    "0",
  ]);
  expect(segment.libraries).toEqual([
    ["numpy", "/site/numpy.py"],
    ["_socket", null],
  ]);
  expect(segment.rewritten).toEqual(["pytest_mock"]);
});

test.each([
  ["/shop/cart.py", true],
  ["/shop/cart", true],
  ["/shop/cart.cpython-312-x86_64-linux-gnu.so", true],
  ["/shop/numpy.py", true],
  ["/shop/simplejson.py", true],
  ["/shop/pytest_mock.py", true],
  ["/shop/linalg.py", true],
  ["/shop/prices.py", false],
  ["/shop/data.json", false],
  ["/shop/test_a.py", false],
])("an import could have found %s: %s", (path, expected) => {
  const segment = segmentOf(
    file("module", "shop.cart", "/shop/shop/cart.py"),
    file("module", "shop", "/shop/shop/__init__.py"),
    library("numpy"),
    library("numpy.linalg"),
    ["missing", "simplejson", null, 1, "0", -1, "0", "0"],
    ["rewritten", "pytest_mock", "/site/pytest_mock.py", 1, "0", 0, "0", "0"],
    file("open", "/shop/data.json", "/shop/data.json"),
    file("testfile", "tests/test_a.py", "/shop/tests/test_a.py"),
  );
  expect(segment.looksFor(path)).toBe(expected);
});

function segmentOf(...events: readonly TimelineEvent[]): Segment {
  const segment = new Segment();
  segment.add(events);
  return segment;
}

function file(
  kind: "module" | "conftest" | "testfile" | "open",
  name: string,
  path: string,
  time = "1",
): TimelineEvent {
  return [kind, name, path, 1, time, 10, "99", time];
}

function library(name: string, path: string | null = `/site/${name}.py`): TimelineEvent {
  return ["library", name, path, 1, "0", 0, "0", "0"];
}

function env(name: string): TimelineEvent {
  return ["env", name, null, 1, "0", -1, "0", "0"];
}

function listing(path: string, digest: string): TimelineEvent {
  return ["list", path, null, 1, "0", 0, digest, "0"];
}
