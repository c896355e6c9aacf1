import { useSignal, useSignalEffect } from "@preact/signals";
import type { TrunkStatus } from "../../src/protocol/api.ts";
import { formatCount, formatSize } from "../../src/report/format-count.ts";
import { theServer } from "../state/commands.ts";
import { connection, endedRuns } from "../state/live.ts";
import { Checkpoints } from "./Checkpoints.tsx";
import { Flame } from "./Flame.tsx";
import { type Part, partsOf } from "./parts.ts";

type Steps = Parameters<typeof partsOf>[0];

/** What the daemon keeps, and what each part of it costs. */
export function TrunkPage() {
  const trunks = useSignal<readonly TrunkStatus[] | undefined>(undefined);
  const steps = useSignal<Steps>([]);
  const together = useSignal(false);
  useSignalEffect(() => {
    endedRuns.value;
    if (connection.value.kind !== "live") return;
    void Promise.all([theServer().get("Trunk", "/trunk"), theServer().get("Timeline", "/timeline")]).then(
      ([{ trunks: all }, timeline]) => {
        // The document says of a trunk what other programs can rely on; this page is of the daemon's own version.
        trunks.value = all as unknown as readonly TrunkStatus[];
        steps.value = timeline.steps;
      },
      () => {},
    );
  });
  if (trunks.value === undefined) return <main class="sheet" />;
  if (trunks.value.length === 0) {
    return (
      <main class="sheet">
        <p class="empty">No trunk yet: the first run builds it.</p>
      </main>
    );
  }
  const parts: readonly Part[] = partsOf(steps.value, together.value);
  return (
    <main class="sheet">
      {trunks.value.map((trunk) => (
        <section key={trunk.checkpoints[0]?.id ?? trunk.command} aria-label={trunk.command}>
          <h2>{trunk.command}</h2>
          <p class="muted">{describe(trunk)}</p>
          {trunk.obstacle === null ? null : <p>In the way: {trunk.obstacle}</p>}
          <Checkpoints trunk={trunk} />
        </section>
      ))}
      {parts.length === 0 ? null : (
        <section aria-label="what a cold start executes">
          <h2>What a cold start executes</h2>
          <p>
            <button type="button" aria-pressed={!together.value} onClick={() => (together.value = false)}>
              Time order
            </button>{" "}
            <button type="button" aria-pressed={together.value} onClick={() => (together.value = true)}>
              Left heavy
            </button>
          </p>
          <Flame parts={parts} />
        </section>
      )}
    </main>
  );
}

function describe({ python, pytest, tests, modules, checkpoints }: TrunkStatus): string {
  const bytes = checkpoints.reduce((sum, { pssBytes }) => sum + (pssBytes ?? 0), 0);
  return [
    ...(python === "" ? [] : [`Python ${python}, pytest ${pytest}`]),
    formatCount(tests, "test"),
    formatCount(modules, "module"),
    ...(bytes > 0 ? [`${formatSize(bytes)} together`] : []),
  ].join(" · ");
}
