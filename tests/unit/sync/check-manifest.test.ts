import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectionTo, TREE_LIMITS } from "../../../src/sync/check-manifest.ts";
import { isInsideLink, portableTarget } from "../../../src/sync/link-target.ts";
import type { Entry } from "../../../src/sync/manifest.ts";

const EMPTY = { kind: "file", hash: "0".repeat(64), sizeBytes: 0, isExecutable: false } as const;

const name = fc
  .stringMatching(/^[a-z_][a-z0-9_.]{0,8}$/)
  .filter((each) => each !== ".." && each !== "." && each !== ".git");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const good = fc.array(path, { maxLength: 20 }).map((paths) => {
  const manifest = new Map<string, Entry>();
  for (const each of paths) {
    const clashes = [...manifest.keys()].some((other) => other.startsWith(`${each}/`) || each.startsWith(`${other}/`));
    if (!clashes) manifest.set(each, EMPTY);
  }
  return manifest;
});

/** Names that somebody might try. */
const hostilePath = fc.oneof(
  path.map((each) => `/${each}`),
  path.map((each) => `../${each}`),
  fc.tuple(path, path).map(([a, b]) => `${a}/../${b}`),
  fc.tuple(path, path).map(([a, b]) => `${a}/./${b}`),
  fc.tuple(path, path).map(([a, b]) => `${a}//${b}`),
  path.map((each) => `${each}/..`),
  path.map((each) => `${each}/`),
  path.map((each) => `${each}\0`),
  path.map((each) => `c:/${each}`),
  path.map((each) => `${each}/.git/hooks/pre-commit`),
  path.map((each) => `.GIT/${each}`),
  path.map((each) => `${each}\ud800`),
  path.map((each) => `${each}/${"n".repeat(300)}`),
  path.map((each) => Array.from({ length: 1000 }, () => "long").join("/") + each),
  fc.constantFrom("", ".", "..", "/", ".git"),
);

function objection(manifest: ReadonlyMap<string, Entry>, foldsCase = false): string | undefined {
  return objectionTo(manifest, TREE_LIMITS, foldsCase);
}

describe("a tree that was sent", () => {
  test("is written when it is an honest one", () => {
    fc.assert(
      fc.property(good, (manifest) => {
        expect(objection(manifest, true)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("is refused when one path leads elsewhere or is none", () => {
    fc.assert(
      fc.property(good, hostilePath, (manifest, hostile) => {
        expect(objection(new Map([...manifest, [hostile, EMPTY]]))).toMatch(/^the path /);
      }),
      { numRuns: 2000 },
    );
  });

  test("is refused when a path lies below a file or a link", () => {
    fc.assert(
      fc.property(
        path,
        name,
        fc.constantFrom<Entry>(EMPTY, { kind: "link", target: "x" }, { kind: "folder" }),
        (above, below, entry) => {
          expect(
            objection(
              new Map([
                [above, entry],
                [`${above}/${below}`, EMPTY],
              ]),
            ),
          ).toContain("lies below");
          expect(
            objection(
              new Map([
                [`${above}/${below}`, EMPTY],
                [above, entry],
              ]),
            ),
          ).toContain("lies below");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("is refused when two paths are one to a file system that folds case, and only there", () => {
    const pairs = [
      ["a/x.py", "a/X.py"],
      ["a/x.py", "A/y.py"],
      ["caf\u00e9", "cafe\u0301"],
    ];
    for (const pair of pairs) {
      const manifest = new Map(pair.map((each) => [each, EMPTY]));
      expect(objection(manifest, true)).toContain("are one path here");
      expect(objection(manifest, false)).toBeUndefined();
    }
  });

  test("is refused when it is larger than it may be", () => {
    const limits = { files: 2, fileBytes: 10, totalBytes: 15 };
    const files = (...sizes: readonly number[]) =>
      new Map(sizes.map((sizeBytes, index) => [`f${index}`, { ...EMPTY, sizeBytes }]));
    expect(objectionTo(files(1, 1, 1), limits, false)).toBe("it has 3 paths, more than 2");
    expect(objectionTo(files(11), limits, false)).toBe('the file "f0" is too large: 11 bytes');
    expect(objectionTo(files(8, 8), limits, false)).toBe("its files are more than 15 bytes");
  });
});

describe("a link", () => {
  const step = fc.oneof(fc.constantFrom("..", ".", "", "a", "b"), name);
  const target = fc.array(step, { maxLength: 6 }).map((steps) => steps.join("/"));

  test("that is allowed cannot leave the tree, also where its steps are links themselves", () => {
    fc.assert(
      fc.property(path, target, (at, to) => {
        if (!isInsideLink(at, to)) return;
        // Walking: a name may bring us anywhere in the tree, at worst to its root; steps up are allowed only from the link's own folder.
        let depth = at.split("/").length - 1;
        for (const each of to.split("/")) {
          if (each === "..") depth -= 1;
          else depth = 0;
          expect(depth).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("leads to the same when it is written so that it can travel", () => {
    const root = "/home/me/project";
    expect(portableTarget(root, "a/b/link", "/home/me/project/a/c.txt")).toBe("../c.txt");
    expect(portableTarget(root, "link", "/home/me/project/a")).toBe("a");
    expect(portableTarget(root, "a/link", "./b//c")).toBe("b/c");
    expect(portableTarget(root, "a/link", ".")).toBe("../a");
    expect(portableTarget(root, "a/link", "..")).toBe("..");
    for (const away of ["/etc/passwd", "/home/me/project2", "../..", "b/../../..", "../../home/me/project/a"]) {
      expect(portableTarget(root, "a/link", away)).toBeUndefined();
    }
  });
});
