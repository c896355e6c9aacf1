import fc from "fast-check";
import { expect, test } from "vitest";
import { type Checkpoint, place } from "../../../src/trunk/place.ts";

test("a tip before which nothing has changed serves, whatever else there is", () => {
  const checkpoints = [checkpoint("start", 0), checkpoint("later", 9), tip("tip", 7)];
  expect(place(checkpoints)).toEqual({ kind: "tip", id: "tip", reason: "nothing that was loaded has changed" });
});

test("of several tips the one that has loaded most serves, of equal ones the newest", () => {
  expect(place([tip("small", 5), tip("grown", 8), tip("old", 3)])).toMatchObject({ id: "grown" });
  expect(place([tip("old", 8), tip("new", 8)])).toMatchObject({ id: "new" });
});

test("after a change the last checkpoint before it is resumed, and the tip's reason is told", () => {
  const checkpoints = [
    checkpoint("start", 0),
    checkpoint("conftest", 20),
    checkpoint("module", 40, "cart.py modified"),
    tip("tip", 90, "cart.py modified"),
  ];
  expect(place(checkpoints)).toEqual({ kind: "resume", id: "conftest", reason: "cart.py modified" });
});

test("the reason is that of the newest tip: the state in which the person left it", () => {
  const checkpoints = [
    checkpoint("start", 0),
    tip("before", 9, "tax.py modified"),
    tip("latest", 9, "cart.py deleted"),
  ];
  expect(place(checkpoints)).toEqual({ kind: "resume", id: "start", reason: "cart.py deleted" });
});

test("without a tip the latest checkpoint that is stale tells the reason", () => {
  const checkpoints = [
    checkpoint("start", 0),
    checkpoint("a", 3, "a.py modified"),
    checkpoint("b", 5, "b.py modified"),
  ];
  expect(place(checkpoints)).toEqual({ kind: "resume", id: "start", reason: "b.py modified" });
});

test("where everything is stale it starts anew, and where there is nothing too", () => {
  const all = [checkpoint("start", 0, "pytest.ini modified"), tip("tip", 9, "pytest.ini modified")];
  expect(place(all)).toEqual({ kind: "start", reason: "pytest.ini modified" });
  expect(place([])).toEqual({ kind: "start", reason: "nothing is kept" });
});

test("whatever there is, nothing stale is chosen and nothing is executed that need not be", () => {
  const any = fc.record({
    index: fc.nat(20),
    isTip: fc.boolean(),
    stale: fc.option(fc.constantFrom("a.py modified", "b.py deleted")),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (drawn) => {
      const checkpoints = drawn.map((each, place) => ({ ...each, id: `c${place}` }));
      const placement = place(checkpoints);
      const usable = checkpoints.filter(({ stale }) => stale === null);
      const tips = usable.filter(({ isTip }) => isTip);
      expect(placement.kind).toBe(tips.length > 0 ? "tip" : usable.length > 0 ? "resume" : "start");
      if (placement.kind === "start") return;
      const candidates = placement.kind === "tip" ? tips : usable;
      const chosen = candidates.find(({ id }) => id === placement.id);
      expect(chosen?.index).toBe(Math.max(...candidates.map(({ index }) => index)));
    }),
  );
});

function checkpoint(id: string, index: number, stale: string | null = null): Checkpoint {
  return { id, index, isTip: false, stale };
}

function tip(id: string, index: number, stale: string | null = null): Checkpoint {
  return { id, index, isTip: true, stale };
}
