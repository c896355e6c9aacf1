import { Freshness } from "../../../src/daemon/timelines/freshness.ts";
import type { TimelineEvent } from "../../../src/protocol/agent-messages.ts";
import type { TrunkProcess } from "../../../src/worker/trunk-process.ts";
import { TempProject } from "../watch/temp-project.ts";
import { fileEvent, parkedProcess } from "./processes.ts";

/** A project whose timeline has four processes: the start, before the package, before the tests, the tip. */
export class Shop implements Disposable {
  readonly project = new TempProject({
    "pytest.ini": "[pytest]\n",
    "conftest.py": "",
    "shop/__init__.py": "",
    "shop/cart.py": "x = 1\n",
    "tests/test_a.py": "",
  });
  readonly freshness = new Freshness(this.project.root);
  readonly start: TrunkProcess;
  readonly tip: TrunkProcess;
  readonly processes: readonly TrunkProcess[];

  constructor(env: Readonly<Record<string, string>> = {}) {
    nextMillisecond();
    this.start = parkedProcess(null, 0, { kind: "start" }, env);
    const package_ = parkedProcess(this.start, 2, {}, env);
    const tests = parkedProcess(package_, 5, { kind: "testfile" }, env);
    this.tip = parkedProcess(tests, 8, "tip", env);
    this.processes = [this.start, package_, tests, this.tip];
    this.learn(this.start, () => []);
    this.learn(package_, (path) => [fileEvent("conftest", path("conftest.py"), path("conftest.py"))]);
    this.learn(tests, (path) => [
      fileEvent("module", "shop", path("shop/__init__.py")),
      fileEvent("module", "shop.cart", path("shop/cart.py")),
    ]);
    this.learn(this.tip, (path) => [fileEvent("testfile", "tests/test_a.py", path("tests/test_a.py"))]);
    nextMillisecond();
  }

  /** A process has told of events, and parks. */
  learn(process: TrunkProcess, events: (path: (name: string) => string) => readonly TimelineEvent[]): void {
    this.freshness.learn(
      process,
      events((name) => this.project.at(name)),
      this.project.root,
    );
    this.freshness.parked(process);
  }

  /** Why each process cannot serve, or null. */
  stale(env: Readonly<Record<string, string>> = this.start.env): readonly (string | null)[] {
    return this.freshness.check(this.processes, env).map(({ stale }) => stale);
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
  }
}

/** What happens in one millisecond has no order that the clock would tell. */
export function nextMillisecond(): void {
  const nowMs = Date.now();
  while (Date.now() <= nowMs + 1);
}
