// How quickly the page answers with very many tests, in this machine's Chromium: `node bench/page.ts [TESTS]` after a build.
// The suite is made up: the page's own server tells of it, and of a run of all of it, 1,000 outcomes a second.
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import type { RunEvent, RunRecord } from "../src/protocol/events.ts";
import type { NodeId, RunId } from "../src/protocol/ids.ts";
import type { House } from "../src/surfaces/http/house.ts";
import { HttpServer } from "../src/surfaces/http/http-server.ts";
import { findChromium } from "../tests/rig/find-chromium.ts";

const count = Number(process.argv[2] ?? 50_000);
const WORDS = ["price", "order", "refund", "cart", "mail", "tax", "login", "report", "stock", "export"];
const ids = Array.from({ length: count }, (_, at) => {
  const file = Math.floor(at / 100);
  const word = WORDS[file % WORDS.length];
  return `tests/${word}s/test_${word}_${file}.py::Test${Math.floor((at % 100) / 10)}::test_${word}_${at % 10}[case-${at}]`;
});
const RECORD = { way: "warm", reason: "", exit: 0, patched: 0, reimported: 0 } as unknown as RunRecord;

// What is executed in the page, whose names this file does not have.
const LISTEN_TO_KEYS = `
window.times = [];
document.addEventListener("keydown", (event) => {
  requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - event.timeStamp)));
});
`;
const COUNT_FRAMES = `
window.frames = [];
window.counting = true;
let lastMs = performance.now();
requestAnimationFrame(function next() {
  const nowMs = performance.now();
  frames.push(nowMs - lastMs);
  lastMs = nowMs;
  if (counting) requestAnimationFrame(next);
});
`;

let tell: (event: RunEvent) => void = () => {};
const begin = { args: ["tests"], cwd: "/shop" };
const house = {
  isModule: false,
  root: "/shop",
  beginOf: () => begin,
  isWatched: () => true,
  standing: () => ({
    tests: ids.map((id) => ({ id, outcome: "passed", durationMs: 3, isOutdated: false, failure: null })),
    run: { record: RECORD, selection: "all", broken: [] },
  }),
  listen: (listener: Parameters<House["listen"]>[0]) => {
    tell = (event) => listener("r1", event, begin);
    return () => {};
  },
} as unknown as House;

const server = await HttpServer.listen(house, 0, fileURLToPath(new URL("../dist", import.meta.url)));
const executablePath = findChromium();
if (executablePath === undefined) throw new Error("Expected Chromium on PATH.");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  const firstRows: number[] = [];
  let page: Page | undefined;
  for (let turn = 0; turn < 3; turn += 1) {
    await page?.close();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const startMs = performance.now();
    await page.goto(`${server.address.url}/#${server.address.token}`, { waitUntil: "commit" });
    await page.locator(".row").first().waitFor();
    firstRows.push(performance.now() - startMs);
  }
  if (page === undefined) throw new Error("Expected a page.");
  print("first rows", firstRows);
  print("a key in the search", await typeKeys(page, "refund_7[case-4 tests/re"));
  await page.keyboard.press("Escape");
  print("an opened folder", await openFolders(page));
  print("frames while scrolling", await framesDuring(page, () => scroll(page)));
  print("frames during a run", await framesDuring(page, run));
  print("a key in the search during a run", await withRun(() => typeKeys(page, "refund_7[case-4")));
} finally {
  await browser.close();
  server.close();
}

/** The smallest, the middle, the 95th percentile and the largest of these times, and how many there are. */
function print(what: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const at = (part: number) => `${(sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0)} ms`;
  console.log(`${what.padEnd(34)} ${at(0)} … ${at(0.5)} … ${at(0.95)} … ${at(1)}  (${sorted.length})`);
}

/** From each key to the frame that shows what it does, for the whole text and for taking it away again. */
async function typeKeys(page: Page, text: string): Promise<readonly number[]> {
  await page.locator("#search").focus();
  await page.evaluate(LISTEN_TO_KEYS);
  for (const key of [...text, ...Array(text.length).fill("Backspace")]) {
    await page.keyboard.press(key);
    await wait(120);
  }
  return page.evaluate<number[]>("window.times");
}

async function openFolders(page: Page): Promise<readonly number[]> {
  await page.locator("#tree").focus();
  await page.evaluate("window.times.length = 0");
  for (const key of [
    "Home",
    "ArrowRight",
    "ArrowRight",
    "ArrowRight",
    "ArrowRight",
    "ArrowLeft",
    "ArrowRight",
    "End",
  ]) {
    await page.keyboard.press(key);
    await wait(120);
  }
  return page.evaluate<number[]>("window.times");
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(300, 500);
  for (let step = 0; step < 60; step += 1) {
    await page.mouse.wheel(0, 2_000);
    await wait(16);
  }
}

/** The times between frames. */
async function framesDuring(page: Page, what: () => Promise<unknown>): Promise<readonly number[]> {
  await page.evaluate(COUNT_FRAMES);
  await what();
  return page.evaluate<number[]>("window.counting = false; window.frames");
}

async function withRun<T>(what: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const running = run(over.signal);
  const answer = await what();
  over.abort();
  await running;
  return answer;
}

/** Five seconds of a run of everything, or until it is to end. */
async function run(signal?: AbortSignal): Promise<void> {
  const id = "r1" as RunId;
  tell({ type: "run-started", run: id, way: "warm", reason: "", selection: "all" });
  tell({ type: "collected", ids: ids as NodeId[] });
  for (let at = 0; at < (signal === undefined ? 5_000 : count) && signal?.aborted !== true; at += 1) {
    const test = ids[at] as NodeId;
    tell({ type: "test-started", id: test });
    tell({
      type: "test-finished",
      id: test,
      outcome: at % 500 === 0 ? "failed" : "passed",
      durationMs: 1,
      text: "E   x",
    });
    if (at % 10 === 9) await wait(10);
  }
  tell({ type: "run-finished", run: id, record: RECORD });
}
