import { posix } from "node:path";

/**
 * Whether a link leads to something in its own tree, whatever else is a link there: steps up come first, and no further than to the root.
 * A step up after a name could start from anywhere, since the name may be a link.
 */
export function isInsideLink(path: string, target: string): boolean {
  if (target === "" || target.includes("\0") || !target.isWellFormed()) return false;
  const steps = target.split("/");
  const up = steps.findIndex((step) => step !== "..");
  const names = up === -1 ? [] : steps.slice(up);
  if (names.some((name) => name === ".." || name === "." || name === "")) return false;
  const stepsUp = up === -1 ? steps.length : up;
  return stepsUp <= path.split("/").length - 1;
}

/**
 * How a link is written that leads to the same: relative, with no step that leads nowhere. Undefined where it leads out of the tree.
 * `root` and `target` are as the system has them.
 */
export function portableTarget(root: string, path: string, target: string): string | undefined {
  if (target.startsWith("/")) {
    if (target !== root && !target.startsWith(`${root}/`)) return undefined;
    return portableTarget(root, path, posix.relative(posix.dirname(posix.join(root, path)), target) || ".");
  }
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  // A link to the folder that it lies in.
  const written = steps.length === 0 ? foldersOwn(path) : steps.join("/");
  return written !== undefined && isInsideLink(path, written) ? written : undefined;
}

function foldersOwn(path: string): string | undefined {
  const names = path.split("/");
  const folder = names.at(-2);
  return folder === undefined ? undefined : `../${folder}`;
}
