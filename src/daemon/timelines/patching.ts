import { resolve } from "node:path";
import { classifyEdit, describeFinding, type Finding } from "../../trunk/edit-class.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { Growth } from "../../worker/trunk-process.ts";
import { type Control, untilGrown } from "../runs/control.ts";
import type { Run } from "../runs/run.ts";
import type { Freshness } from "./freshness.ts";

/** An edit that was undone, or done again: a tip has it as it is now. */
const LOADED: Finding = { class: "same", what: "as it was loaded before", reason: "" };

/** What was found in edited files, by their absolute path. */
export type Findings = Map<string, Finding>;

/** What an attempt to patch needs to know of the run that it is for. */
interface Attempt {
  /** Names a new process. */
  readonly nextId: () => string;
  readonly run: Run;
  readonly control: Control;
  readonly log: (line: string) => void;
}

/**
 * Brings the trunk to a patched tip, where edited modules are all that has changed and each of them can be replaced in
 * place; null where something has to be imported again. What was found in the files is kept with the run.
 */
export async function patchTip(
  trunk: Trunk,
  freshness: Freshness,
  { nextId, run, control, log }: Attempt,
): Promise<Growth | "interrupted" | null> {
  const edited = freshness.editedModules(trunk.processes, run.request.requester.env);
  if (edited === null) return null;
  const { tip, files } = edited;
  const id = tip.nextChildId(nextId);
  const growing = trunk.patch(tip, { type: "patch", id, files, leads: true });
  trunk.preparing = growing.then(() => {});
  const growth = await untilGrown(growing, control, () => trunk.abandon(id));
  if (growth === "interrupted") return growth;
  if (growth.kind === "not-patched") {
    const { path, what, reason } = growth.file;
    const finding = { class: growth.file.class, what, reason };
    run.findings.set(path, finding);
    log(`${run.id} not patched: ${describeFinding(freshness.nameOf(path), finding, 0)}`);
    return null;
  }
  const patch = growth.kind === "tip" ? growth.process.patch : null;
  const [first] = patch?.toSorted((a, b) => b.functions - a.functions) ?? [];
  if (growth.kind !== "tip" || patch === null || first === undefined) {
    log(`${run.id} not patched: the fork for it: ${growth.kind}`);
    return null;
  }
  for (const file of patch) run.findings.set(file.path, { class: file.class, what: file.what, reason: "" });
  const reason = describeFinding(freshness.nameOf(first.path), { ...first, reason: "" }, patch.length - 1);
  run.patched(patch, reason);
  return growth;
}

/** Says once, before a run begins, what was edited, with all that is known of it from a trunk that was there before. */
export function tellEdit(
  run: Run,
  trunk: Trunk | undefined,
  freshness: Freshness,
  { root, isLoaded }: { readonly root: string; readonly isLoaded: boolean },
): void {
  const { edit, onEvent } = run.request;
  if (edit === null || run.hasToldEdit) return;
  run.hasToldEdit = true;
  const tip = trunk?.processes.findLast(({ state }) => state.kind === "tip");
  const files = edit.files.map((file) => {
    const path = resolve(root, file.path);
    const use = tip === undefined ? "unknown" : freshness.useOf(path, tip);
    const finding = run.findings.get(path) ?? (isLoaded && use !== "unknown" ? LOADED : null);
    const module = tip === undefined ? "" : freshness.readerOf(path, tip);
    return classifyEdit(file, use, finding, { module, tests: run.request.narrowing?.openedBy(path) ?? 0 });
  });
  onEvent({ ...edit, files });
}
