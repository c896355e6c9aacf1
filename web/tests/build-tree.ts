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
  /** Everything in it, in order, and what may be named again of that, by name. */
  readonly children: Branch[];
  readonly groups: Map<string, Branch>;
}

const NO_CHILDREN: Branch[] = [];
const NO_GROUPS = new Map<string, Branch>();

/** Builds the tree of these node ids, each of which is another one; what is in one folder stands together, in the order in which it was first named. */
export function buildTree(ids: readonly string[]): Tree {
  const root = group("", "", "folder", -1);
  // Ids come by file and class, and ten thousands of them: most are beside the one before.
  let last = root;
  for (const [test, id] of ids.entries()) {
    if (last === root || !isDirectlyIn(id, last.key)) last = enterAll(root, id, test);
    if (last.key !== id) {
      const name = id.slice(last.key.length + 2);
      last.children.push({ name, key: id, kind: "test", test, children: NO_CHILDREN, groups: NO_GROUPS });
    }
  }
  return flatten(root.children);
}

/** Whether a test with this id stands in the file or class of this key itself. */
function isDirectlyIn(id: string, key: string): boolean {
  const from = key.length + 2;
  if (!id.startsWith(key) || !id.startsWith("::", key.length)) return false;
  // Parameters hold any characters, and are part of the last name.
  const colons = id.indexOf("::", from);
  const bracket = id.indexOf("[", from);
  return colons === -1 || (bracket !== -1 && bracket < colons);
}

/** The file or class that a test stands in; a file where the id is one. */
function enterAll(root: Branch, id: string, test: number): Branch {
  const file = fileOf(id);
  let inside = root;
  let from = 0;
  for (let slash = file.indexOf("/"); slash !== -1; slash = file.indexOf("/", from)) {
    inside = enter(inside, file.slice(from, slash), file.slice(0, slash), "folder", -1);
    from = slash + 1;
  }
  inside = enter(inside, file.slice(from), file, "file", file === id ? test : -1);
  const bracket = id.indexOf("[", file.length);
  const end = bracket === -1 ? id.length : bracket;
  from = file.length + 2;
  for (let colons = id.indexOf("::", from); colons !== -1 && colons < end; colons = id.indexOf("::", from)) {
    inside = enter(inside, id.slice(from, colons), id.slice(0, colons), "class", -1);
    from = colons + 2;
  }
  return inside;
}

function enter(inside: Branch, name: string, key: string, kind: NodeKind, test: number): Branch {
  const known = inside.groups.get(name);
  if (known !== undefined) return known;
  const branch = group(name, key, kind, test);
  inside.groups.set(name, branch);
  inside.children.push(branch);
  return branch;
}

function group(name: string, key: string, kind: NodeKind, test: number): Branch {
  return { name, key, kind, test, children: [], groups: new Map() };
}

function flatten(top: readonly Branch[]): Tree {
  const names: string[] = [];
  const keys: string[] = [];
  const kinds: NodeKind[] = [];
  const parents: number[] = [];
  const depths: number[] = [];
  const ends: number[] = [];
  const tests: number[] = [];
  const places = new Map<string, number>();
  const visit = (children: readonly Branch[], parent: number, depth: number): void => {
    for (const { name, key, kind, test, children: inner } of children) {
      const place = names.length;
      names.push(name);
      keys.push(key);
      kinds.push(kind);
      parents.push(parent);
      depths.push(depth);
      tests.push(test);
      ends.push(place + 1);
      // Where a class has the name of a test, the test is meant.
      if (kind === "test" || !places.has(key)) places.set(key, place);
      visit(inner, place, depth + 1);
      ends[place] = names.length;
    }
  };
  visit(top, -1, 0);
  return {
    ...{ names, keys, kinds, places },
    parents: Int32Array.from(parents),
    depths: Int32Array.from(depths),
    ends: Int32Array.from(ends),
    tests: Int32Array.from(tests),
  };
}
