import type { HttpAnswer } from "../../src/protocol/http-schema.ts";

type Step = HttpAnswer<"Timeline">["steps"][number];

/** Steps that belong together: an installed package, a module of the project, a conftest, a test file. */
export interface Part {
  readonly kind: "installed" | "project" | "conftest" | "tests";
  readonly name: string;
  readonly ms: number;
  readonly steps: number;
}

/** Neighbours of one package become one part; `together` puts all of a name into one, the longest first. */
export function partsOf(steps: readonly Step[], together: boolean): readonly Part[] {
  const parts: Part[] = [];
  const places = new Map<string, number>();
  for (const step of steps) {
    const { kind, name } = nameOfPart(step);
    const key = `${kind} ${name}`;
    const last = parts.at(-1);
    const at = together ? places.get(key) : last?.kind === kind && last.name === name ? parts.length - 1 : undefined;
    const known = at === undefined ? undefined : parts[at];
    if (at === undefined || known === undefined) {
      places.set(key, parts.length);
      parts.push({ kind, name, ms: step.ownMs, steps: 1 });
    } else parts[at] = { kind, name, ms: known.ms + step.ownMs, steps: known.steps + 1 };
  }
  return together ? parts.toSorted((one, other) => other.ms - one.ms) : parts;
}

function nameOfPart({ kind, name }: Step): Pick<Part, "kind" | "name"> {
  switch (kind) {
    case "library":
    case "rewritten":
      return { kind: "installed", name: name.split(".", 1)[0] ?? name };
    case "module":
      return { kind: "project", name };
    case "conftest":
      return { kind: "conftest", name };
    case "testfile":
      return { kind: "tests", name };
    default:
      return kind satisfies never;
  }
}
