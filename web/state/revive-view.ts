import type { HttpView } from "../../src/protocol/http-schema.ts";
import type { NodeId, RunId } from "../../src/protocol/ids.ts";
import type { RunProgress, RunView, TestView } from "../../src/report/run-view.ts";

/** The view that the server has told in columns. */
export function reviveView({ tests, failing, run, edit, watchedFiles }: HttpView): RunView {
  const byId = new Map(failing.map(({ id, ...of }) => [id, of]));
  const all = tests.ids.map((id, at): [NodeId, TestView] => [
    id as NodeId,
    {
      outcome: tests.outcomes[at] ?? undefined,
      durationMs: tests.durationsMs[at] ?? 0,
      failing: byId.get(id),
      isOutdated: tests.outdated[at] ?? true,
      run: tests.runs[at] ?? 0,
    },
  ]);
  return { tests: new Map(all), run: run === null ? undefined : reviveRun(run), edit: reviveEdit(edit), watchedFiles };
}

function reviveRun(run: NonNullable<HttpView["run"]>): RunProgress {
  return {
    ...run,
    running: new Map(run.running.map(({ id, sinceMs }) => [id as NodeId, sinceMs])),
    newlyFailed: run.newlyFailed as (NodeId & RunId)[],
    record: (run.record ?? undefined) as RunProgress["record"],
    counts: run.counts as RunProgress["counts"],
  };
}

function reviveEdit(edit: HttpView["edit"]): RunView["edit"] {
  return edit === null ? undefined : { atMs: edit.atMs, files: edit.files as NonNullable<RunView["edit"]>["files"] };
}
