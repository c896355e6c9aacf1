// Runs on Node 18 too: plain JavaScript, nothing newer than that.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest Node that prewarm runs on, as [major, minor]. */
const OLDEST_NODE = [22, 13];

/** Whether a version such as "24.9.0" is new enough. */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/**
 * The absolute path of the Node that a clone installs for this platform, or undefined: not a clone,
 * not installed yet, or a platform without one.
 */
export function findOwnNode() {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const manifest = join(root, "scripts", "own-node", "package.json");
  if (!existsSync(manifest)) return undefined;
  const names = Object.keys(JSON.parse(readFileSync(manifest, "utf8")).optionalDependencies);
  const name = names.find((each) => each.endsWith(`-${process.platform}-${process.arch}`));
  const path = name && join(root, "node_modules", name, "bin", "node");
  return path && existsSync(path) ? path : undefined;
}
