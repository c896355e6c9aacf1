import { index } from "../state/live.ts";
import { isOpen, reveal, rows, selected, toggle } from "../state/place.ts";
import { isLeaf } from "./visible-rows.ts";

const PAGE_ROWS = 20;

/** The keys of a tree, as screen readers' users know them, and j and k. */
export function pressInTree(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { tree } = index.value;
  const { nodes } = rows.value;
  const node = tree.places.get(selected.value) ?? -1;
  const at = nodes.indexOf(node);
  switch (event.key) {
    case "ArrowDown":
    case "j":
      go(at + 1);
      break;
    case "ArrowUp":
    case "k":
      go(at - 1);
      break;
    case "PageDown":
      go(at + PAGE_ROWS);
      break;
    case "PageUp":
      go(at - PAGE_ROWS);
      break;
    case "Home":
      go(0);
      break;
    case "End":
      go(nodes.length - 1);
      break;
    case "ArrowRight":
      if (node === -1) go(0);
      else if (isLeaf(tree, node)) break;
      else if (isOpen(node)) go(at + 1);
      else toggle(node, true);
      break;
    case "ArrowLeft":
      if (node === -1) break;
      if (!isLeaf(tree, node) && isOpen(node)) toggle(node, false);
      else reveal(tree.keys[tree.parents[node] ?? -1] ?? selected.value);
      break;
    case " ":
      if (node !== -1) toggle(node, !isOpen(node));
      break;
    case "Enter":
      document.getElementById("detail")?.focus();
      break;
    default:
      return;
  }
  event.preventDefault();

  function go(to: number): void {
    const next = nodes[Math.min(Math.max(0, to), nodes.length - 1)];
    if (next !== undefined) selected.value = tree.keys[next] ?? "";
  }
}

/** A click selects a row; one on its arrow, or a second one, opens and closes it. */
export function clickInTree({ target }: MouseEvent): void {
  if (!(target instanceof Element)) return;
  const { tree } = index.value;
  const node = Number(target.closest<HTMLElement>(".row")?.dataset.node ?? -1);
  const key = tree.keys[node];
  if (key === undefined) return;
  if (target.closest(".twisty") !== null || selected.value === key) toggle(node, !isOpen(node));
  if (target.closest(".twisty") === null) selected.value = key;
}
