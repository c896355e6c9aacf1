import { expect, test } from "vitest";
import { argumentsForNode, environmentForNode } from "../../../src/plan/node-arguments.ts";

const [HOME, NODE] = ["/home/me/shop", "/var/nodes/0/tree"];

test("paths below the root lie below that of the node, and no other text changes", () => {
  const args = [
    "/home/me/shop/tests/test_cart.py::test_x",
    "--rootdir=/home/me/shop",
    "-k",
    "shop",
    "/home/me/shop2/x",
  ];
  expect(argumentsForNode(args, HOME, NODE)).toEqual([
    "/var/nodes/0/tree/tests/test_cart.py::test_x",
    "--rootdir=/var/nodes/0/tree",
    ...["-k", "shop", "/home/me/shop2/x"],
  ]);
});

test("what home does for the whole run is left out, with its values", () => {
  const args = ["--lf", "-x", "--junitxml", "a.xml", "--junitxml=b.xml", "--lfnf", "none", "--sw", "-q"];
  expect(argumentsForNode(args, HOME, NODE)).toEqual(["-x", "-q"]);
});

test("a node gets the variables of the fixed list and those that are named, and nothing else", () => {
  const env = { PYTHONPATH: "/home/me/shop/src:lib", TOKEN: "secret", DATABASE: "x", TZ: "UTC" };
  expect(environmentForNode(env, ["DATABASE", "MISSING"], { home: HOME, node: NODE })).toEqual({
    PYTHONPATH: "/var/nodes/0/tree/src:lib",
    DATABASE: "x",
    TZ: "UTC",
  });
});
