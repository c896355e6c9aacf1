/** Options of pytest that choose by what earlier runs came to, or write what a whole run came to: home does that. */
const OF_HOME = new Set([
  ...["--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first", "--cache-clear"],
  ...["--sw", "--stepwise", "--sw-skip", "--stepwise-skip", "--sw-reset", "--stepwise-reset"],
]);

/** The same with a value, in the same word or in the next. */
const OF_HOME_WITH_VALUE = ["--lfnf", "--last-failed-no-failures", "--junitxml", "--junit-xml"];

/** pytest's arguments for a node, whose working tree lies elsewhere. */
export function argumentsForNode(args: readonly string[], homeRoot: string, nodeRoot: string): readonly string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? "";
    if (OF_HOME.has(word)) continue;
    if (OF_HOME_WITH_VALUE.includes(word)) index += 1;
    else if (!OF_HOME_WITH_VALUE.some((option) => word.startsWith(`${option}=`))) {
      kept.push(pathsForNode(word, homeRoot, nodeRoot));
    }
  }
  return kept;
}

/** A text in which every path below one root is the same path below another. */
function pathsForNode(text: string, homeRoot: string, nodeRoot: string): string {
  if (homeRoot === nodeRoot || !text.includes(homeRoot)) return text;
  // A path begins with the text, or after what divides paths and options from what they are for.
  const escaped = homeRoot.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replaceAll(
    new RegExp(`(^|[=:,\\s'"])${escaped}(?=$|[/:,\\s'"])`, "g"),
    (_, before: string) => before + nodeRoot,
  );
}

/** Variables that pass to every node where they are set at home, and are unset there where they are not: what pytest and Python themselves read. */
const PASSED_VARIABLES: readonly string[] = [
  ...["PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_DEBUG_TEMPROOT"],
  ...["PYTHONPATH", "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONOPTIMIZE"],
  ...["LANG", "LC_ALL", "LC_CTYPE", "TZ", "CI", "BUILD_NUMBER"],
];

/** What a node gets of an environment: the variables of the fixed list and those that a person has named. */
export function environmentForNode(
  env: Readonly<Record<string, string>>,
  named: readonly string[],
  roots: { readonly home: string; readonly node: string },
): Readonly<Record<string, string>> {
  const names = [...new Set([...PASSED_VARIABLES, ...named])].filter((name) => env[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, pathsForNode(env[name] ?? "", roots.home, roots.node)]));
}
