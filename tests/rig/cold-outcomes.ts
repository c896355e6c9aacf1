import { COLD_ENVIRONMENT } from "./cold-environment.ts";
import type { Prewarm } from "./prewarm.ts";

/** What plain pytest says of each test; bytecode of an earlier version is out of its sight. */
export async function coldOutcomes(
  prewarm: Prewarm,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await prewarm.plain(["-rA", "-p", "no:cacheprovider", ...args], {
    env: { ...COLD_ENVIRONMENT, ...env },
  });
  const found = stdout.matchAll(/^(PASSED|FAILED|ERROR) (\S+::.*?)(?: - .*)?$/gm);
  return Object.fromEntries([...found].map(([, outcome = "", id = ""]) => [id, outcome.toLowerCase()]));
}
