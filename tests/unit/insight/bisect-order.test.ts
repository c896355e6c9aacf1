import { describe, expect, test } from "vitest";
import { fewest, findOrder } from "../../../src/insight/bisect-order.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";

const ids = (count: number): readonly NodeId[] => Array.from({ length: count }, (_, index) => `t${index}` as NodeId);

/** Acts where all of these are there. */
const needs =
  (...culprits: readonly string[]) =>
  async (part: readonly string[]) =>
    culprits.every((each) => part.includes(each));

describe("the fewest that act", () => {
  test("one among a thousand is found in few trials", async () => {
    let trials = 0;
    const found = await fewest(ids(1000), async (part) => {
      trials += 1;
      return part.includes("t617" as NodeId);
    });
    expect(found).toEqual(["t617"]);
    expect(trials).toBeLessThan(25);
  });

  test("several that only act together are all found, in their order", async () => {
    expect(await fewest(ids(64), needs("t3", "t40", "t41"))).toEqual(["t3", "t40", "t41"]);
  });

  test("all of them, where none can be left out", async () => {
    expect(await fewest(ids(5), needs(...ids(5)))).toEqual(ids(5));
  });
});

describe("an order", () => {
  test("that makes a test fail", async () => {
    const found = await findOrder(ids(20), needs("t7"));
    expect(found).toEqual({ kind: "found", fails: true, before: ["t7"] });
  });

  test("that a test needs to pass", async () => {
    const found = await findOrder(ids(20), async (before) => !(await needs("t7")(before)));
    expect(found).toEqual({ kind: "found", fails: false, before: ["t7"] });
  });

  test("is not the reason where it does the same alone", async () => {
    expect(await findOrder(ids(20), async () => true)).toEqual({ kind: "no-order", fails: true });
    expect(await findOrder([], async () => false)).toEqual({ kind: "no-order", fails: false });
  });

  test("cannot be found where the same order gives both outcomes", async () => {
    let trials = 0;
    const once: Parameters<typeof findOrder>[1] = async () => {
      trials += 1;
      return trials === 2;
    };
    expect(await findOrder(ids(4), once)).toEqual({ kind: "unsteady" });
  });
});
