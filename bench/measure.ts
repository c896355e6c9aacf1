import { setTimeout as wait } from "node:timers/promises";
import { apply, EDITED_TEST_FILE, type Edit, type Verdict } from "./edits.ts";
import { difference } from "./peers/observe.ts";
import type { Peer, Request } from "./peers/peer.ts";
import { redChecks, type Scenario } from "./scenarios.ts";
import { type Series, seriesOf } from "./statistics.ts";

/** What a peer came to in a scenario. Rounds with a wrong verdict are in no series. */
export interface Cell {
  readonly series: Series | undefined;
  /** The part inside prewarm's daemon. */
  readonly inside: Series | undefined;
  readonly wrong: readonly string[];
}

const ATTEMPTS_TO_SETTLE = 10;

/** Measures one scenario, peer after peer in every round; gives up on a peer that brings no verdict at all. */
export async function measureScenario(
  scenario: Scenario,
  peers: readonly Peer[],
  rounds: number,
): Promise<ReadonlyMap<string, Cell>> {
  const request: Request = { args: scenario.args, afterEdit: scenario.edit !== undefined };
  const taking = new Map(
    peers
      .filter((peer) => peer.offers(request))
      .map((peer) => [
        peer,
        { durations: [] as number[], insides: [] as number[], wrong: [] as string[], hasGivenUp: false },
      ]),
  );
  for (const peer of scenario.cold ? [] : taking.keys()) await settled(peer, request, scenario.verdict(0));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [peer, result] of taking) {
      if (result.hasGivenUp) continue;
      if (scenario.cold) await peer.stop();
      if (scenario.pauseMs !== undefined) await wait(scenario.pauseMs);
      const edit = scenario.edit?.(round);
      const verdict = scenario.verdict(round);
      try {
        const observation = await peer.run(request, () => edit && apply(edit, peer.folder), verdict);
        const wrong = difference(observation, verdict, peer.selects);
        if (wrong === undefined) {
          result.durations.push(observation.durationMs);
          if (observation.insideMs !== undefined) result.insides.push(observation.insideMs);
        } else result.wrong.push(wrong);
      } catch (error) {
        result.wrong.push(error instanceof Error ? error.message : String(error));
        result.hasGivenUp = true;
      }
    }
  }
  const { mend } = scenario;
  if (mend !== undefined)
    for (const [peer, { durations }] of taking) await restored(peer, request, mend, durations.length > 0);
  return new Map(
    [...taking].map(([peer, { durations, insides, wrong }]) => [
      peer.name,
      {
        series: durations.length === 0 ? undefined : seriesOf(durations),
        inside: insides.length === 0 ? undefined : seriesOf(insides),
        wrong,
      },
    ]),
  );
}

/** Every verdict of the peer that an edit should have turned red, or green again, and did not. */
export async function wrongAfterBreaking(peer: Peer): Promise<readonly string[]> {
  const request: Request = { args: [EDITED_TEST_FILE], afterEdit: true };
  const wrong: string[] = [];
  for (const edit of redChecks()) {
    try {
      const observation = await peer.run(request, () => apply(edit, peer.folder), edit.verdict);
      const found = difference(observation, edit.verdict);
      if (found !== undefined) wrong.push(`${edit.path}: ${found}`);
    } catch (error) {
      return [...wrong, `${edit.path}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
  return wrong;
}

/** Puts the file back as it was, so that the next scenario starts from the generated application. */
async function restored(peer: Peer, request: Request, mend: Edit, hasAnswered: boolean): Promise<void> {
  if (!hasAnswered) {
    apply(mend, peer.folder);
    await peer.stop();
    return;
  }
  try {
    await peer.run(request, () => apply(mend, peer.folder), mend.verdict);
  } catch {
    // A peer that has stopped answering is noted by the scenarios, not here.
  }
}

/** Runs the request, untimed, until its verdict is the expected one: some peers take notice of an edit a while later. */
async function settled(peer: Peer, request: Request, expected: Verdict): Promise<void> {
  // A peer that only watches starts by itself, with its first round.
  if (request.afterEdit && !peer.offers({ ...request, afterEdit: false })) return;
  for (let attempt = 0; attempt < ATTEMPTS_TO_SETTLE; attempt += 1) {
    try {
      if (difference(await peer.run(request, () => undefined, expected), expected) === undefined) return;
    } catch {
      return;
    }
  }
}
