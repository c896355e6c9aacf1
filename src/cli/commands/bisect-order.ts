import { findOrder, type OrderFinding } from "../../insight/bisect-order.ts";
import { problem } from "../../protocol/errors.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { formatCount } from "../../report/format-count.ts";
import { formatTime } from "../../report/format-time.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { ONE_PROCESS, QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** What the runs of a search have shown; a fault ends it. */
class Search {
  readonly #runs: QuietRuns;
  readonly #id: NodeId;
  readonly #startedMs = performance.now();
  trials = 0;

  constructor(runs: QuietRuns, id: NodeId) {
    this.#runs = runs;
    this.#id = id;
  }

  get tookMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** All tests in the order in which they run. */
  async collect(): Promise<readonly NodeId[]> {
    return (await this.#run()).order;
  }

  /** Runs some tests, and ours behind them; whether it fails. */
  async fails(before: readonly NodeId[]): Promise<boolean> {
    this.trials += 1;
    const { order, failed } = await this.#run([...before, this.#id]);
    if (order.at(-1) === this.#id) return failed;
    throw new Stopped(
      order.includes(this.#id) ? "Its tests run in another order when only some are chosen." : "It is gone.",
    );
  }

  async #run(ids?: readonly NodeId[]): Promise<{ readonly order: readonly NodeId[]; readonly failed: boolean }> {
    const order: NodeId[] = [];
    let failed = false;
    const ran = await this.#runs.run({
      ...(ids && { ids }),
      workers: ONE_PROCESS,
      onEvent: (event) => {
        if (event.type !== "test-finished") return;
        order.push(event.id);
        if (event.id === this.#id) failed = event.outcome === "failed" || event.outcome === "error";
      },
    });
    if (!ran.ok) throw new Stopped(ran.error.sentence);
    return { order, failed };
  }
}

class Stopped extends Error {}

/** `prewarm bisect-order TEST`: which tests have to run before this one for it to fail. 0: found, 1: it is not the order. */
export async function bisectOrder(
  id: string,
  words: readonly string[],
  flags: Flags,
  project: Project,
): Promise<number> {
  const runs = await QuietRuns.open(words, flags, project);
  if (!runs.ok) return reportProblem(runs.error);
  const search = new Search(runs.value, id as NodeId);
  try {
    const all = await search.collect();
    const place = all.indexOf(id as NodeId);
    if (place === -1) {
      const sentence = `\`${shellWords(words)}\` does not run a test \`${id}\`.`;
      return reportProblem(problem("usage", sentence, `prewarm list -- ${shellWords(words)}`));
    }
    const found = await findOrder(all.slice(0, place), (before) => search.fails(before));
    const cost = `${formatCount(search.trials, "trial")} in ${formatTime(search.tookMs)}`;
    writeText(1, `${describe(found, id, place, cost).map(printable).join("\n")}\n`);
    return found.kind === "found" ? 0 : 1;
  } catch (error) {
    if (error instanceof Stopped) return reportProblem(problem("interrupted", error.message, "prewarm logs"));
    throw error;
  }
}

function describe(found: OrderFinding, id: string, before: number, cost: string): readonly string[] {
  switch (found.kind) {
    case "no-order": {
      const does = found.fails ? "✗ it fails" : "✓ it passes";
      return [
        `${does} alone and behind the ${formatCount(before, "test")} before it: the order is not the reason · ${cost}`,
      ];
    }
    case "unsteady":
      return [
        `~ it does not do the same twice in the same order · ${cost}`,
        `   next: prewarm run --repeat 100 -- pytest ${shellWords([id])}`,
      ];
    case "found": {
      const [does, alone] = found.fails ? ["fails", "passes"] : ["passes", "fails"];
      return [
        `${found.fails ? "✗" : "✓"} ${id} ${does} behind ${formatCount(found.before.length, "test")} of ${before}, and ${alone} alone · ${cost}`,
        ...found.before.map((each) => `   ${each}`),
        `   next: prewarm run -n 1 -- pytest ${shellWords([...found.before, id])}`,
      ];
    }
    default:
      return found satisfies never;
  }
}
