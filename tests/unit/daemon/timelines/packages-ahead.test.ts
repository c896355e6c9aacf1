// How long a learned list of packages holds, in the daemon that has learned it and in the next one.
import { mkdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import { Recorder } from "../../../../src/daemon/recorder.ts";
import { Freshness } from "../../../../src/daemon/timelines/freshness.ts";
import { PackagesAhead } from "../../../../src/daemon/timelines/packages-ahead.ts";
import { trunkKey } from "../../../../src/daemon/timelines/trunk-key.ts";
import type { Launch, Requester } from "../../../../src/protocol/api.ts";
import { NO_SETTINGS, type TimelineSettings } from "../../../../src/protocol/timeline-settings.ts";
import { NOTHING_AHEAD } from "../../../../src/trunk/ahead.ts";
import { Trunk, type TrunkListener } from "../../../../src/worker/trunk.ts";
import type { Growth } from "../../../../src/worker/trunk-process.ts";
import { messages, requests } from "../../protocol/golden-messages.ts";
import { TempHistory } from "../../store/temp-history.ts";
import { TempProject } from "../../watch/temp-project.ts";
import { fileEvent, parkedProcess, plainEvent } from "../processes.ts";

const SITE = "venv/lib/python3.12/site-packages";
const DAY_MS = 24 * 60 * 60 * 1000;
const NOBODY: TrunkListener = { onEvents: () => {}, onParked: () => {}, onTip: () => {} };

test("a list holds in this life and in the next one", () => {
  using shop = new Shop();
  const here = shop.begin();
  expect(here.of(shop)).toEqual(NOTHING_AHEAD);
  here.learn(shop.trunk(), shop.process, shop.tip());
  expect(here.of(shop)).toEqual(shop.list);
  shop.recorder.flush();
  expect(shop.begin().of(shop)).toEqual(shop.list);
});

test.for<readonly [what: string, change: (shop: Shop) => void]>([
  ["another version is installed", (shop) => renameSync(shop.at("words-1.dist-info"), shop.at("words-2.dist-info"))],
  ["something more is installed", (shop) => mkdirSync(shop.at("more-1.dist-info"))],
  [
    "the configuration is another one",
    ({ project }) => project.write("pytest.ini", "[pytest]\nfilterwarnings = ignore\n"),
  ],
])("it ends in every life when %s", ([, change]) => {
  using shop = new Shop();
  const here = shop.learned();
  change(shop);
  expect(here.of(shop)).toEqual(NOTHING_AHEAD);
  expect(shop.begin().of(shop)).toEqual(NOTHING_AHEAD);
});

test("a new life looks at what the project imports now", () => {
  using shop = new Shop();
  shop.learned();
  shop.project.write("app.py", "import words\n\nRATE = 2\n");
  expect(shop.begin().of(shop)).toEqual(shop.list);
  shop.project.write("app.py", "RATE = 2\n");
  expect(shop.begin().of(shop)).toEqual(NOTHING_AHEAD);
});

test("a list is for one command in one place", () => {
  using shop = new Shop();
  const here = shop.learned();
  const { launch, requester, settings } = shop;
  for (const other of [
    { launch: { ...launch, args: ["-W", "error"] }, requester },
    { launch: { ...launch, python: "/other/python" }, requester },
    { launch, requester: { ...requester, cwd: "/" } },
    { launch, requester: { ...requester, env: { PYTHONWARNINGS: "error" } } },
  ]) {
    expect(here.of({ ...other, settings })).toEqual(NOTHING_AHEAD);
    expect(shop.begin().of({ ...other, settings })).toEqual(NOTHING_AHEAD);
  }
  expect(here.of({ launch, settings, requester: { ...requester, env: { SHOP: "1" } } })).toEqual(shop.list);
});

test("a list grows too old", () => {
  using shop = new Shop();
  shop.learned();
  const key = `ahead ${trunkKey(shop)}`;
  const fact = shop.recorder.history.fact(key) as { readonly atMs: number };
  for (const [ageMs, list] of [
    [6 * DAY_MS, shop.list],
    [8 * DAY_MS, NOTHING_AHEAD],
    [-DAY_MS, NOTHING_AHEAD],
  ] as const) {
    shop.recorder.history.saveFact(key, { ...fact, atMs: fact.atMs - ageMs }, 1);
    expect(shop.begin().of(shop)).toEqual(list);
  }
});

test.for([
  { what: "a start with these packages ahead shows that their place matters", notAhead: "words is replaced" },
  { what: "a later start in the natural order does", notAhead: null },
])("a list is given up for good when $what", ({ notAhead }) => {
  using shop = new Shop();
  const here = shop.learned();
  if (notAhead === null) {
    here.learn(shop.trunk(), shop.process, { ...shop.tip(), notAhead: "warnings are errors" });
  } else {
    const growth: Growth = { kind: "tip", process: shop.process, tip: { ...shop.tip(), notAhead } };
    expect(here.judge(shop.trunk(), growth)).toBe(growth);
    expect(here.judge(shop.trunk(here.of(shop)), growth)).toEqual({ kind: "not-ahead", reason: notAhead });
    expect(shop.logged).toEqual([`packages stay in their place: ${notAhead}`]);
    here.learn(shop.trunk(), shop.process, shop.tip());
  }
  expect(here.of(shop)).toEqual(NOTHING_AHEAD);
  shop.recorder.flush();
  expect(shop.begin().of(shop)).toEqual(NOTHING_AHEAD);
});

test.for([
  ["a number", 3],
  ["half a list", { ahead: { modules: [] }, atMs: Date.now() }],
])("what is remembered can be anything: %s", ([, fact]) => {
  using shop = new Shop();
  const here = shop.begin();
  shop.recorder.history.saveFact(`ahead ${trunkKey(shop)}`, fact, 1);
  expect(here.of(shop)).toEqual(NOTHING_AHEAD);
});

/** A project whose timeline has imported `app`, and with it an installed package. */
class Shop implements Disposable {
  readonly project = new TempProject({
    [`${SITE}/words/__init__.py`]: "",
    [`${SITE}/words-1.dist-info/METADATA`]: "",
    "pytest.ini": "[pytest]\n",
    "app.py": "import words\n",
  });
  readonly logged: string[] = [];
  readonly launch: Launch = requests.run[0].launch;
  readonly requester: Requester = { ...requests.run[0].requester, cwd: this.project.root, env: {} };
  readonly settings: TimelineSettings = NO_SETTINGS;
  readonly list = { modules: [["words", this.at("words/__init__.py")]], never: [] };
  readonly process = parkedProcess(null, 2, "tip");
  readonly #history = new TempHistory();
  readonly #freshness = new Freshness(this.project.root);
  recorder = new Recorder(this.#history.open());

  constructor() {
    const app = this.project.at("app.py");
    const events = [fileEvent("module", "app", app), plainEvent("library", "words", this.at("words/__init__.py"))];
    this.#freshness.learn(this.process, events, this.project.root);
    this.#freshness.parked(this.process);
  }

  at(path: string): string {
    return this.project.at(`${SITE}/${path}`);
  }

  tip() {
    return { ...messages.tip[0], notAhead: null, failed: [], configFile: this.project.at("pytest.ini") };
  }

  trunk(ahead = NOTHING_AHEAD): Trunk {
    const cuts = { files: [], conftests: true, firstModule: true, firstTest: true };
    const { launch, requester, settings } = this;
    const folders = { stateFolder: "/nowhere", agentFolder: "/nowhere" };
    return new Trunk({ id: "t1", launch, requester, ...folders, cuts, edited: [], ahead, settings }, NOBODY);
  }

  /** What a daemon that starts now knows. */
  begin(): PackagesAhead {
    this.recorder = new Recorder(this.#history.open());
    const places = { root: this.project.root, stateFolder: "", agentFolder: "" };
    const log = (line: string) => this.logged.push(line);
    return new PackagesAhead({ ...places, log }, this.#freshness, this.recorder);
  }

  /** The same, when it has learned the list and written it down. */
  learned(): PackagesAhead {
    const here = this.begin();
    here.learn(this.trunk(), this.process, this.tip());
    this.recorder.flush();
    return here;
  }

  [Symbol.dispose](): void {
    this.#history[Symbol.dispose]();
    this.project[Symbol.dispose]();
  }
}
