import type { RunEvent } from "../../protocol/events.ts";

/** So many ids are named in a warning. */
const MOST_NAMED = 5;

type Warning = Extract<RunEvent, { type: "warning" }>;

/** A node was lost in the middle. */
export function nodeLost(name: string, how: string): Warning {
  const text = `The node ${name} was lost: ${withoutStop(how)}. What it had goes to others.`;
  return { type: "warning", code: "node-lost", text, next: "prewarm logs" };
}

/** A node that was asked for takes no part. */
export function nodeLeftOut(name: string, how: string): Warning {
  const text = `The node ${name} takes no part: ${withoutStop(how)}.`;
  return { type: "warning", code: "node-left-out", text, next: "prewarm logs" };
}

/** Tests that a lost node had, and that others run now. */
export function testsRepeated(ids: readonly string[]): Warning {
  const text = `${named(ids)} may have run on the node that was lost, and will run again.`;
  return { type: "warning", code: "test-repeated", text, next: "" };
}

/** Tests that as many nodes were lost with as a test may cost. */
export function testsGivenUp(ids: readonly string[]): Warning {
  const text = `${named(ids)}: several nodes were lost that had it, and it does not run again.`;
  return { type: "warning", code: "test-given-up", text, next: "prewarm logs" };
}

/** How a node collects other tests than home, in words. */
export function idsDiffer(
  name: string,
  differing: { readonly onlyHome: string | undefined; readonly onlyNode: string | undefined } | undefined,
  failure: string,
): string {
  const { onlyHome, onlyNode } = differing ?? {};
  const parts = [onlyHome && `only here: ${onlyHome}`, onlyNode && `only there: ${onlyNode}`, failure];
  const shown = parts.filter((part) => part !== undefined && part !== "").join("; ");
  return `The node ${name} collects other tests: ${shown}.`;
}

/** Words as a sentence of their own. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${withoutStop(text.slice(1))}.`;
}

function named(ids: readonly string[]): string {
  const more = ids.length - MOST_NAMED;
  return ids.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, "");
}
