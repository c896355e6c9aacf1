import type { Edit, EditMaker } from "./edits/edit.ts";
import { editMakers } from "./edits/kinds.ts";
import type { FileChange, ProjectTree } from "./project-tree.ts";
import { Random } from "./random.ts";
import type { Selection } from "./subjects.ts";

/** One step of a parity run: an edit that has been made, and what to run after it. */
export interface Step {
  readonly number: number;
  readonly kind: string;
  readonly note: string;
  readonly selection: Selection;
  /** True to run the warm side first, straight after the edit; false to run the cold side first. */
  readonly warmFirst: boolean;
}

interface Applied {
  readonly edit: Edit;
  readonly inverse: readonly FileChange[];
  readonly selection: Selection;
}

/** Few lasting edits at a time: with many, most tests fail and an edit changes little. */
const maximalPending = 3;

/**
 * Makes edits one after the other and takes them back, last first.
 * Every kind of edit comes once before any comes twice. The seed and the project's files determine all of it.
 */
export class EditSequence {
  readonly #tree: ProjectTree;
  readonly #seed: string;
  readonly #selections: readonly Selection[];
  #pending: readonly Applied[] = [];
  #deck: readonly EditMaker[] = [];
  #number = 0;

  constructor(tree: ProjectTree, seed: string, selections: readonly Selection[]) {
    this.#tree = tree;
    this.#seed = seed;
    this.#selections = selections;
  }

  /** Makes the next edit and says what it was. */
  next(): Step {
    this.#number += 1;
    // A generator per step, so that one step's draws do not shift all later ones.
    const random = new Random(`${this.#seed}/${this.#number}`);
    const warmFirst = random.chance(0.5);
    const last = this.#pending.at(-1);
    if (this.#pending.length > 1 && random.chance(0.1)) return { ...this.#checkOut(random), warmFirst };
    const undoes = last !== undefined && random.chance(this.#undoProbability(last));
    if (undoes) return { ...this.#undo(last, random), warmFirst };
    return { ...this.#edit(random), warmFirst };
  }

  /** The files that edits have changed and that have not been brought back. */
  editedPaths(): readonly string[] {
    const changes = this.#pending.flatMap(({ edit }) => edit.changes);
    return [...new Set(changes.map((change) => (change.kind === "rename" ? change.to : change.path)))];
  }

  /** Takes the last edit back, as after a run that did not end. */
  undoLast(): void {
    const last = this.#pending.at(-1);
    if (last !== undefined) this.#undo(last, new Random("unused"));
  }

  /** Takes every edit back. */
  undoAll(): void {
    while (this.#pending.length > 0) this.undoLast();
  }

  #undoProbability(last: Applied): number {
    if (last.edit.isBreaking) return 0.85;
    if (this.#pending.length >= maximalPending || this.#pending.some(({ edit }) => edit.isBreaking)) return 1;
    return 0.25;
  }

  /** As `git checkout` does: every file back at once, each with a new time. */
  #checkOut(random: Random): Omit<Step, "warmFirst"> {
    const edits = [...this.#pending].reverse();
    this.#pending = [];
    for (const { inverse } of edits) this.#tree.apply(inverse.map(withoutTime));
    const note = edits.map(({ edit }) => `${edit.kind} ${edit.note}`).join("; ");
    const selection = random.pick(this.#selections) ?? { pytestArgs: [], scope: [] };
    return { number: this.#number, kind: "checkout", note: `takes back ${note}`, selection };
  }

  #undo(applied: Applied, random: Random): Omit<Step, "warmFirst"> {
    this.#pending = this.#pending.slice(0, -1);
    const keepsOldTime = random.chance(0.5);
    this.#tree.apply(keepsOldTime ? applied.inverse : applied.inverse.map(withoutTime));
    return {
      number: this.#number,
      kind: keepsOldTime ? "restore-older" : "undo",
      note: `of ${applied.edit.kind} ${applied.edit.note}`,
      selection: applied.selection,
    };
  }

  #edit(random: Random): Omit<Step, "warmFirst"> {
    for (let attempt = 0; attempt < 4 * editMakers.length; attempt += 1) {
      const [maker, ...rest] = this.#deck.length > 0 ? this.#deck : random.shuffle(editMakers);
      this.#deck = rest;
      const selection = random.pick(this.#selections);
      if (maker === undefined || selection === undefined) break;
      const edit = maker({ tree: this.#tree, random, scope: selection.scope, serial: this.#number });
      if (edit === undefined) continue;
      const inverse = this.#tree.apply(edit.changes);
      this.#pending = [...this.#pending, { edit, inverse, selection }];
      return { number: this.#number, kind: edit.kind, note: edit.note, selection };
    }
    throw new Error("Expected a file to edit under the given folders, found none.");
  }
}

function withoutTime(change: FileChange): FileChange {
  if (change.kind !== "write") return change;
  return { kind: "write", path: change.path, content: change.content, style: change.style };
}
