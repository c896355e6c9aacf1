import { fileOf } from "../../src/report/format-failure.ts";

/** Folders, files, classes and tests in one flat order: a node comes before what is in it, and the root is left out. */
export interface Tree {
  readonly names: readonly string[];
  /** What a node is called in addresses: a folder, a file, or a node id. */
  readonly keys: readonly string[];
  readonly kinds: readonly NodeKind[];
  /** The place of the node that it is in, -1 at the top. */
  readonly parents: Int32Array;
  readonly depths: Int32Array;
  /** The place behind the last node in it. */
  readonly ends: Int32Array;
  /** The place of its test among the ids, -1 for what is no test. */
  readonly tests: Int32Array;
  readonly places: ReadonlyMap<string, number>;
}

export type NodeKind = "folder" | "file" | "class" | "test";

interface Branch {
  readonly name: string;
  readonly key: string;
  readonly kind: NodeKind;
  readonly test: number;
  readonly children: Map<string, Branch>;
}

/** Builds the tree of these node ids; what is in one folder stands together, in the order in which it was first named. */
export function buildTree(ids: readonly string[]): Tree {
  const root = new Map<string, Branch>();
  for (const [test, id] of ids.entries()) add(root, id, test);
  return flatten(root);
}

function add(root: Map<string, Branch>, id: string, test: number): void {
  const file = fileOf(id);
  let children = root;
  let from = 0;
  for (let slash = file.indexOf("/"); slash !== -1; slash = file.indexOf("/", from)) {
    children = enter(children, file.slice(from, slash), file.slice(0, slash), "folder", -1);
    from = slash + 1;
  }
  if (file === id) {
    enter(children, file.slice(from), file, "file", test);
    return;
  }
  children = enter(children, file.slice(from), file, "file", -1);
  // Parameters hold any characters, and are part of the last name.
  const bracket = id.indexOf("[", file.length);
  const end = bracket === -1 ? id.length : bracket;
  from = file.length + 2;
  for (let colons = id.indexOf("::", from); colons !== -1 && colons < end; colons = id.indexOf("::", from)) {
    children = enter(children, id.slice(from, colons), id.slice(0, colons), "class", -1);
    from = colons + 2;
  }
  enter(children, id.slice(from), id, "test", test);
}

function enter(
  children: Map<string, Branch>,
  name: string,
  key: string,
  kind: NodeKind,
  test: number,
): Map<string, Branch> {
  // A test may have the name of a class beside it: in the map they are apart.
  const place = kind === "test" ? `${name}\0` : name;
  const known = children.get(place);
  if (known !== undefined) return known.children;
  const branch: Branch = { name, key, kind, test, children: new Map() };
  children.set(place, branch);
  return branch.children;
}

function flatten(root: ReadonlyMap<string, Branch>): Tree {
  const names: string[] = [];
  const keys: string[] = [];
  const kinds: NodeKind[] = [];
  const parents: number[] = [];
  const depths: number[] = [];
  const ends: number[] = [];
  const tests: number[] = [];
  const places = new Map<string, number>();
  const visit = (children: ReadonlyMap<string, Branch>, parent: number, depth: number): void => {
    for (const { name, key, kind, test, children: inner } of children.values()) {
      const place = names.length;
      names.push(name);
      keys.push(key);
      kinds.push(kind);
      parents.push(parent);
      depths.push(depth);
      tests.push(test);
      ends.push(place + 1);
      places.set(key, place);
      visit(inner, place, depth + 1);
      ends[place] = names.length;
    }
  };
  visit(root, -1, 0);
  return {
    ...{ names, keys, kinds, places },
    parents: Int32Array.from(parents),
    depths: Int32Array.from(depths),
    ends: Int32Array.from(ends),
    tests: Int32Array.from(tests),
  };
}
