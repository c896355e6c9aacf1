import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** Whether the keys are shown. */
export const isHelpOpen = signal(false);

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["1 2 3 4", "Tests, Run, Trunk, History"],
  ["/", "search; Enter leads into the tree"],
  ["arrows, j k", "move in the tree; right and left open and close"],
  ["Enter", "the detail of what is selected"],
  ["n", "the next failure"],
  ["r", "run what is selected"],
  ["e", "open it in your editor"],
  ["a", "run all"],
  ["f", "run what fails"],
  ["u", "run what was not run"],
  ["c", "stop"],
  ["w", "why: of what is selected"],
  ["+ - 0, arrows", "zoom and move on the timeline"],
  ["Esc", "one step back: out of a view, the detail, the filter, the selection"],
];

/** All keys, over the page. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-label="keys"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <table class="facts-table">
        <tbody>
          {KEYS.map(([keys, what]) => (
            <tr key={keys}>
              <td>
                <kbd>{keys}</kbd>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
