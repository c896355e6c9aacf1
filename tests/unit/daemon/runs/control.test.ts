import { expect, test } from "vitest";
import { unlessEnded, untilDone, untilGrown } from "../../../../src/daemon/runs/control.ts";

test("work that nobody disturbs is waited for", async () => {
  const { control, ends, end } = requester();
  expect(await untilDone(Promise.resolve(1), control, end)).toBe(1);
  expect(await untilGrown(Promise.resolve(2), control, end)).toBe(2);
  expect(await unlessEnded(Promise.resolve(), control)).toBe(true);
  expect(await unlessEnded(undefined, control)).toBe(true);
  expect(ends).toEqual([]);
});

test("a requester that gives up ends the work, which is then waited for", async () => {
  const { control, ends, end, abort } = requester();
  const work = Promise.withResolvers<string>();
  const done = untilDone(work.promise, control, () => {
    end();
    work.resolve("ended");
  });
  abort();
  expect(await done).toBe("ended");
  expect(ends).toEqual(["end"]);
});

test("a requester that had given up before ends the work at once", async () => {
  const { control, ends, end, abort } = requester();
  abort();
  expect(await untilDone(Promise.resolve(1), control, end)).toBe(1);
  expect(await unlessEnded(new Promise(() => {}), control)).toBe(false);
  expect(ends).toEqual(["end"]);
});

test("an interrupt is pytest's to take, except before there is a pytest", async () => {
  const { control, ends, end, interrupt } = requester();
  const run = Promise.withResolvers<string>();
  const done = untilDone(run.promise, control, end);
  const growth = Promise.withResolvers<string>();
  const grown = untilGrown(growth.promise, control, () => {
    end();
    growth.resolve("died");
  });
  interrupt();
  expect(await grown).toBe("interrupted");
  expect(ends).toEqual(["end"]);
  run.resolve("exit 2");
  expect(await done).toBe("exit 2");
});

test("how a timeline ended that was given up is our own doing, and nobody's crash", async () => {
  const { control, abort } = requester();
  const growth = Promise.withResolvers<string>();
  const grown = untilGrown(growth.promise, control, () => growth.resolve("died"));
  abort();
  expect(await grown).toBe("interrupted");
});

test.each(["abort", "interrupt"] as const)("what another run has begun is not waited for after %s", async (how) => {
  const all = requester();
  const isThere = unlessEnded(new Promise(() => {}), all.control);
  all[how]();
  expect(await isThere).toBe(false);
});

test("nothing is called any more when the work is over, also where it failed", async () => {
  const { control, ends, end, abort, interrupt } = requester();
  await untilDone(Promise.resolve(), control, end);
  await expect(untilGrown(Promise.reject(new Error("no room")), control, end)).rejects.toThrow("no room");
  await unlessEnded(undefined, control);
  abort();
  interrupt();
  expect(ends).toEqual([]);
});

function requester() {
  const aborting = new AbortController();
  const interrupted = new EventTarget();
  const ends: string[] = [];
  return {
    control: { abort: aborting.signal, interrupted },
    ends,
    end: () => void ends.push("end"),
    abort: () => aborting.abort(),
    interrupt: () => void interrupted.dispatchEvent(new Event("interrupt")),
  };
}
