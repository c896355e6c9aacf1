// Whole screens, as a terminal shows them. The clock is the test's own; everything else is as in the product.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Choice } from "../../../src/protocol/api.ts";
import { problem } from "../../../src/protocol/errors.ts";
import type { RunEvent } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { type Key, readKeys } from "../../../src/surfaces/terminal/watch-screen/keyboard.ts";
import { WatchScreen } from "../../../src/surfaces/terminal/watch-screen/watch-screen.ts";
import { PlayedTerminal } from "../../rig/played-terminal.ts";
import { begun, ended, idsOf, REFUND, ran, recordOf } from "../report/run-events.ts";

const CART = idsOf("tests/test_cart.py", 4);
const CHECKOUT = idsOf("tests/test_checkout.py", 2);
const ALL = [...CART, ...CHECKOUT];
const HEAD = ["prewarm 0.1.0", "shop", "pytest tests", ".venv Python 3.12.4"];

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 0, 5, 14, 1, 50) });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch whose events are told and whose keys are pressed by the test. */
class Played {
  readonly terminal: PlayedTerminal;
  readonly screen: WatchScreen;
  readonly choices: Choice[] = [];
  readonly acts: string[] = [];

  constructor(columns = 100, paint = { hasColor: false, hasUnicode: true }) {
    this.terminal = new PlayedTerminal(columns);
    const { terminal } = this;
    const linkOf = (place: string): string => `file:///shop/${place.split(":")[0]}`;
    const width = (): number => terminal.columns;
    this.screen = new WatchScreen({ ...paint, write: terminal.write, columns: width, linkOf }, HEAD, {
      again: (choice) => this.choices.push(choice),
      cancel: () => this.acts.push("cancel"),
      quit: () => this.acts.push("quit"),
      suspend: () => this.acts.push("suspend"),
      lend: () => this.acts.push("lend"),
      takeBack: () => this.acts.push("take back"),
      openPage: async () => "http://127.0.0.1:1/#token",
      verdictChanged: (kind) => this.acts.push(`verdict ${kind}`),
    });
  }

  tell(...events: readonly (RunEvent | readonly RunEvent[])[]): void {
    for (const event of events.flat() as RunEvent[]) this.screen.take(event);
  }

  /** A run to its end, this long after what began it. */
  run(afterMs: number, events: readonly RunEvent[], record = recordOf()): void {
    vi.advanceTimersByTime(afterMs);
    this.tell(events, { type: "run-finished", run: "r1" as never, record });
    this.screen.end(record, null);
    this.tell({ type: "watching", files: 1_204 });
  }

  save(path: string): void {
    vi.advanceTimersByTime(20_000);
    this.tell({ type: "edit", files: [{ path, kind: "modified" }], writtenMs: Date.now() - 0.25 });
  }

  type(text: string): void {
    for (const key of readKeys(text)) this.screen.press(key as Key);
  }

  get text(): string {
    vi.advanceTimersByTime(100);
    return this.terminal.text;
  }
}

const passed = (ids: readonly NodeId[]): readonly RunEvent[] => ids.flatMap((id) => ran(id));
const refunded = [...ran(CHECKOUT[0] as never, "failed", REFUND), ...ran(CHECKOUT[1] as never)];

function greenWatch(columns?: number, paint?: { hasColor: boolean; hasUnicode: boolean }): Played {
  const played = new Played(columns, paint);
  played.run(3_610, [...begun(ALL, "all", "cold"), ...passed(ALL)], recordOf({ way: "cold" }));
  return played;
}

describe("entries", () => {
  test("start, an edit that passes, one that fails, one that leaves the failure alone", () => {
    const played = greenWatch();
    played.save("src/shop/prices.py");
    played.run(38, [...begun(CART, "affected"), ...passed(CART)]);
    played.save("src/shop/models.py");
    played.run(710, [...begun(CHECKOUT, "affected", "resumed"), ...refunded], recordOf({ exit: 1, way: "resumed" }));
    played.save("src/shop/prices.py");
    played.run(38, [...begun(CART, "affected"), ...passed(CART)]);
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       src/shop/prices.py                                                                         14:02:13
       ✓ 4 affected passed · 2 unaffected, not run                                                   38 ms
       src/shop/models.py                                                                         14:02:33
       ✗ tests/test_checkout.py::test_0
      order = <Order 7>

          def test_refund(order):
      >       assert refund(order, 10) == 25
      E       assert 15 == 25
      E        +  where 15 = refund(<Order 7>, 10)

      tests/test_checkout.py:88: AssertionError
       ✗ 1 failed, 1 passed of 2 affected · 4 unaffected, not run                         resumed   0.71 s
         ✗ new              tests/test_checkout.py:88  test_0   assert 15 == 25
       src/shop/prices.py                                                                         14:02:54
       ✗ 1 still failing, not run · 4 affected passed · 1 unaffected, not run                        38 ms
         ✗ since 14:02:34   tests/test_checkout.py:88  test_0   assert 15 == 25
       watching 1,204 files · h help · q quit"
    `);
    expect(played.screen.exit).toBe(1);
    const link = "\x1b]8;;file:///shop/tests/test_checkout.py\x07tests/test_checkout.py:88\x1b]8;;\x07";
    expect(played.terminal.writes.join("")).toContain(link);
  });

  test("at 60 columns lines fold, paths lose their middle, and nothing wraps", () => {
    const played = greenWatch(60);
    played.save("src/shop/a/rather/long/folder/of/modules/prices.py");
    played.run(38, [...begun(CART, "affected"), ...passed(CART)]);
    played.save("src/shop/models.py");
    played.run(710, [...begun(CHECKOUT, "affected", "resumed"), ...refunded], recordOf({ exit: 1, way: "resumed" }));
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Pytho…  14:01:50
       ✓ all 6 ran: 6 passed                     cold run   3.61 s
       src/shop/a/rather/long/folder/of/…/prices.py       14:02:13
       ✓ 4 affected passed · 2 unaffected, not run           38 ms
       src/shop/models.py                                 14:02:33
       ✗ tests/test_checkout.py::test_0
      order = <Order 7>

          def test_refund(order):
      >       assert refund(order, 10) == 25
      E       assert 15 == 25
      E        +  where 15 = refund(<Order 7>, 10)

      tests/test_checkout.py:88: AssertionError
       ✗ 1 failed, 1 passed of 2 affected         resumed   0.71 s
         4 unaffected, not run
         ✗ new  tests/test_checkout.py:88
           test_0   assert 15 == 25
       watching 1,204 files · h help · q quit"
    `);
    expect(played.terminal.hasWrapped).toBe(false);
  });

  test("a superseded run has no verdict, an interrupted one says what is outdated", () => {
    const played = greenWatch();
    played.save("src/shop/db.py");
    const cut = [...begun(ALL), ...passed(CART.slice(0, 2))];
    played.tell(cut, ended({ exit: null }));
    played.screen.end(recordOf({ exit: null }), null);
    played.save("src/shop/db.py");
    played.tell(begun(ALL));
    played.type("c");
    played.run(1_100, passed(CART), recordOf({ exit: 2 }));
    expect(played.acts).toEqual(["cancel", "verdict cancelled"]);
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       src/shop/db.py                                                                             14:02:13
         superseded by a newer save after 2 of 6
       src/shop/db.py                                                                             14:02:33
       ? 2 outdated, not run · 4 passed of 6                                            cancelled   1.10 s
       watching 1,204 files · u runs 2 outdated · h help · q quit"
    `);
    expect(played.screen.exit).toBe(2);
  });

  test("one mistake that stops many files is told once", () => {
    const played = greenWatch();
    played.save("src/shop/models.py");
    const broken = ["tests/test_cart.py", "tests/test_checkout.py"].map((id): RunEvent => {
      return { type: "collect-failed", id, text: `${id}:1: in <module>\nE   SyntaxError: '(' was never closed` };
    });
    played.run(21, [...begun([]), ...broken], recordOf({ exit: 2 }));
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       src/shop/models.py                                                                         14:02:13
       ✗ tests/test_cart.py
      tests/test_cart.py:1: in <module>
      E   SyntaxError: '(' was never closed
       ✗ 2 of 2 test files do not collect · 6 outdated, not run                                      21 ms
       watching 1,204 files · u runs 6 outdated · h help · q quit"
    `);
  });

  test("where the write time cannot be trusted the clock says from when it counts", () => {
    const played = greenWatch();
    vi.advanceTimersByTime(1_000);
    played.tell({ type: "edit", files: [{ path: "a.py", kind: "deleted" }], writtenMs: null });
    played.run(38, [...begun(ALL), ...passed(ALL)]);
    expect(played.text).toContain("event + 38 ms");
  });

  test("warnings, errors and what pytest says beside its events stay on the screen", () => {
    const played = greenWatch();
    played.tell({ type: "warning", code: "watch-limit", text: "No watches left.", next: "sysctl" });
    played.type("a");
    played.tell(begun(ALL));
    played.screen.output("stderr", Buffer.from("ERROR: \x1b[2Jodd\n"));
    played.screen.end(recordOf({ exit: 139 }), problem("worker-died", "SIGSEGV.", "prewarm logs", 139));
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
      warning[watch-limit] No watches left.
         next: sysctl
      ERROR: \\x1b[2Jodd
      error[worker-died] SIGSEGV.
         next: prewarm logs
       ✗ pytest ended with exit code 139 · 6 outdated, not run                                        0 ms
       watching 1,204 files · u runs 6 outdated · h help · q quit"
    `);
    expect(played.screen.exit).toBe(139);
  });
});

describe("the live block", () => {
  test("a short run draws no bar, a longer one shows how far it is", () => {
    const played = greenWatch();
    played.type("a");
    played.tell(begun(ALL), passed(CART));
    vi.advanceTimersByTime(49);
    expect(played.text).not.toContain("█");
    vi.advanceTimersByTime(100);
    played.tell(ran(CHECKOUT[0] as never, "failed", REFUND), { type: "test-started", id: CHECKOUT[1] as never });
    vi.advanceTimersByTime(2_000);
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       ✗ tests/test_checkout.py::test_0
      order = <Order 7>

          def test_refund(order):
      >       assert refund(order, 10) == 25
      E       assert 15 == 25
      E        +  where 15 = refund(<Order 7>, 10)

      tests/test_checkout.py:88: AssertionError
       ████████████████▋··· 5/6  ✗ 1  about 4 ms left                                              2.30 s
         ❯ tests/test_checkout.py::test_1   SLOW, usually 4 ms                                     2.00 s"
    `);
  });

  test("is redrawn at most ten times a second, each time in one write, however much is told", () => {
    const played = greenWatch();
    played.type("a");
    played.tell(begun(ALL));
    vi.advanceTimersByTime(1_000);
    const before = played.terminal.writes.length;
    for (let index = 0; index < 200; index += 1) {
      played.tell(ran(CART[0] as never, "failed", REFUND));
      vi.advanceTimersByTime(5);
    }
    const writes = played.terminal.writes.slice(before);
    expect(writes.length).toBeLessThanOrEqual(11);
    expect(writes.every((each) => each.startsWith("\x1b[?2026h") && each.endsWith("\x1b[?2026l"))).toBe(true);
    expect(played.text.match(/assert 15 == 25/g)).toHaveLength(200);
  });

  test("is drawn again after the terminal has become narrower or wider", () => {
    const played = greenWatch();
    played.type("h");
    played.terminal.columns = 120;
    played.screen.redraw();
    expect(played.text.match(/run what fails/g)).toHaveLength(1);
  });

  test("tells where the page is", async () => {
    const played = greenWatch();
    played.type("o");
    await Promise.resolve();
    await Promise.resolve();
    expect(played.text).toContain("   http://127.0.0.1:1/#token\n");
  });

  test("its keys, on wide and narrow screens", () => {
    const wide = greenWatch();
    wide.type("h");
    expect(wide.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
        a  run all                      f  run what fails         enter  run the last choice again
        u  run what was not run         p  filter by path         w      why: the last edit, explained
        c  cancel (also esc, ctrl-c)    t  filter by test name    o      open the page
                                                                  q      quit, daemon stays"
    `);
    const narrow = greenWatch(60);
    narrow.type("?");
    expect(narrow.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Pytho…  14:01:53
       ✓ all 6 ran: 6 passed                     cold run   3.61 s
        a  run all               f  run what fails
        u  run what was not run  enter  the last choice again
        p  filter by path        t  filter by test name
        c  cancel (also esc)     w  why: the last edit
        h  this help             o  open the page
                                 q  quit, daemon stays"
    `);
  });

  test("without Unicode every sign has a letter, and with colour only the sixteen are used", () => {
    const played = greenWatch(100, { hasColor: true, hasUnicode: false });
    played.save("src/shop/models.py");
    played.tell(begun(CHECKOUT, "affected"), refunded);
    vi.advanceTimersByTime(300);
    played.run(0, [], recordOf({ exit: 1 }));
    expect(played.text).toMatch(/^[\x20-\x7e\n]*$/);
    const codes = played.terminal.writes.join("").matchAll(/\[([0-9;]*)m/g);
    expect([...new Set([...codes].map(([, code]) => code))].sort()).toEqual(["0", "1", "1;31", "2", "31", "32"]);
  });
});

describe("keys", () => {
  test("a, f, u and enter choose, and a save afterwards runs what it would have run", () => {
    const played = greenWatch();
    played.save("src/shop/models.py");
    played.run(38, [...begun(CHECKOUT, "affected"), ...refunded], recordOf({ exit: 1 }));
    played.type("a");
    played.type("f");
    played.type("\r");
    played.type("u");
    expect(played.choices).toEqual([
      { ids: null, path: "", name: "" },
      { ids: [CHECKOUT[0]], path: "", name: "" },
      { ids: [CHECKOUT[0]], path: "", name: "" },
      { ids: CART, path: "", name: "" },
    ]);
    played.save("src/shop/models.py");
    played.type("\r");
    expect(played.choices.at(-1)).toEqual({ ids: null, path: "", name: "" });
  });

  test("a filter is typed, stays, is named in every line, and can be cleared", () => {
    const played = greenWatch();
    played.type("pcheckoutt\x7f");
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       filter by path: checkout▏
         2 of 6 tests · enter sets it, empty clears it, esc leaves"
    `);
    played.type("\r");
    expect(played.choices).toEqual([{ ids: null, path: "checkout", name: "" }]);
    played.run(44, [...begun(CHECKOUT, "chosen"), ...passed(CHECKOUT)]);
    expect(played.text).toMatchInlineSnapshot(`
      "prewarm 0.1.0 · shop · pytest tests · .venv Python 3.12.4                                   14:01:50
       ✓ all 6 ran: 6 passed                                                             cold run   3.61 s
       ✓ 2 chosen passed · 4 filtered out, not run                                 path: checkout    44 ms
       watching 1,204 files · path: checkout · h help · q quit"
    `);
    played.type(`trefund\x1b`);
    expect(played.choices).toHaveLength(1);
    played.type(`p${"\x7f".repeat(8)}\r`);
    expect(played.choices.at(-1)).toEqual({ ids: null, path: "", name: "" });
  });

  test("where nothing fails or all ran, f and u say so for a while and run nothing", () => {
    const played = greenWatch();
    played.type("f");
    expect(played.text).toContain("nothing fails");
    played.type("u");
    expect(played.text).toContain("everything ran");
    expect(played.choices).toEqual([]);
    vi.advanceTimersByTime(2_100);
    expect(played.text).not.toContain("everything ran");
  });

  test("ctrl-c cancels a run and quits when nothing runs; q always quits", () => {
    const played = greenWatch();
    played.type("a");
    played.tell(begun(ALL));
    played.type("\x03");
    played.run(20, [], recordOf({ exit: 2 }));
    played.type("\x03");
    played.type("q");
    played.type("\x1a");
    expect(played.acts).toEqual(["cancel", "verdict cancelled", "quit", "quit", "suspend"]);
  });

  test("arrows and other sequences are no keys", () => {
    expect(readKeys("\x1b[A\x1b[1;5Ca\x1bOP\x1b\x04é")).toEqual([
      { kind: "letter", letter: "a" },
      { kind: "escape" },
      { kind: "end" },
      { kind: "letter", letter: "é" },
    ]);
  });
});
