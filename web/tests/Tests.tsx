import { Detail } from "../detail/Detail.tsx";
import { selected } from "../state/place.ts";
import { Filters } from "./Filters.tsx";
import { TestTree } from "./TestTree.tsx";

/** The tree, and what is selected in it. */
export function Tests() {
  return (
    <main class={selected.value === "" ? "tests" : "tests has-detail"}>
      <section class="tree-side" aria-label="tests">
        <Filters />
        <TestTree />
      </section>
      <Detail />
    </main>
  );
}
