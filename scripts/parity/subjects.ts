import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runQuietly } from "./command.ts";
import { splitWords } from "./words.ts";

/** A suite to check: where its files come from, what it needs, and which parts are run after edits. */
export interface Subject {
  readonly name: string;
  readonly source: SubjectSource;
  /** Packages that its environment needs beside pytest, as pip takes them. */
  readonly packages: readonly string[];
  /** Folders of the copy that PYTHONPATH names, on both sides; "." is the project's root. */
  readonly pythonPath?: readonly string[];
  /** pytest's arguments for the whole. */
  readonly pytestArgs: readonly string[];
  /** Argument lists of which each edit's step runs one; the whole where empty. */
  readonly selections: readonly Selection[];
}

/** A part of a suite, with the files whose edits it can notice. */
export interface Selection {
  readonly pytestArgs: readonly string[];
  /** Folders or files to edit, relative to the project; empty for everywhere. */
  readonly scope: readonly string[];
}

/** Where the files come from. */
export type SubjectSource =
  | { readonly kind: "folder"; readonly path: string }
  /** A package in the environment's site-packages, tests included. */
  | { readonly kind: "installed"; readonly packageName: string }
  /** A source distribution that holds its tests. */
  | { readonly kind: "sdist"; readonly requirement: string };

const repositoryRoot = dirname(dirname(import.meta.dirname));

/** A selection: pytest's arguments in one string, then the folders to edit. */
function select(args: string, ...scope: readonly string[]): Selection {
  return { pytestArgs: splitWords(args), scope };
}

/** The subjects that have a name. */
export const builtinSubjects: readonly Subject[] = [
  {
    name: "small",
    source: { kind: "folder", path: join(repositoryRoot, "tests", "projects", "parity-small") },
    packages: [],
    pytestArgs: [],
    selections: [
      select(""),
      select("tests"),
      select("-v --durations=3"),
      select("tests/unit tests/plain"),
      select("-x tests/unit"),
      select("-k 'prices or not slow'"),
      select("-m 'fast or region' -rA"),
      select("--maxfail=4 -q"),
      select("--doctest-modules shop tests"),
      select(
        "tests/unit/test_prices.py::TestDiscount tests/orders",
        "shop",
        "tests/unit/test_prices.py",
        "tests/orders",
      ),
      select("--import-mode=importlib --continue-on-collection-errors"),
      select("--collect-only -q"),
    ],
  },
  {
    name: "networkx",
    source: { kind: "installed", packageName: "networkx" },
    packages: ["networkx"],
    pytestArgs: ["networkx/algorithms", "networkx/classes"],
    selections: [
      select("networkx/classes", "networkx/classes"),
      select("networkx/classes/tests/test_graph.py networkx/classes/tests/test_digraph.py", "networkx/classes"),
      select("networkx/algorithms/shortest_paths", "networkx/algorithms/shortest_paths", "networkx/classes"),
      select(
        "networkx/algorithms/traversal networkx/algorithms/components",
        "networkx/algorithms/traversal",
        "networkx/algorithms/components",
      ),
      select(
        "networkx/algorithms/tests/test_dag.py networkx/algorithms/tests/test_core.py",
        "networkx/algorithms/dag.py",
        "networkx/algorithms/core.py",
        "networkx/algorithms/tests/test_dag.py",
      ),
      select(
        "networkx/algorithms/operators networkx/algorithms/tree -k 'not large'",
        "networkx/algorithms/operators",
        "networkx/algorithms/tree",
        "networkx/utils",
      ),
    ],
  },
  {
    name: "sympy",
    source: { kind: "installed", packageName: "sympy" },
    packages: ["sympy", "hypothesis"],
    pytestArgs: ["sympy/core", "sympy/sets"],
    selections: [
      select("sympy/sets/tests/test_contains.py sympy/sets/tests/test_ordinals.py", "sympy/sets"),
      select("sympy/sets/tests/test_sets.py", "sympy/sets"),
      select(
        "sympy/core/tests/test_basic.py sympy/core/tests/test_containers.py sympy/core/tests/test_facts.py",
        "sympy/core/basic.py",
        "sympy/core/containers.py",
        "sympy/core/facts.py",
        "sympy/core/tests/test_basic.py",
        "sympy/core/tests/test_facts.py",
      ),
      select(
        "sympy/core/tests/test_logic.py sympy/core/tests/test_symbol.py sympy/core/tests/test_rules.py",
        "sympy/core/logic.py",
        "sympy/core/symbol.py",
        "sympy/core/rules.py",
        "sympy/core/tests",
      ),
    ],
  },
  {
    name: "attrs",
    source: { kind: "sdist", requirement: "attrs" },
    packages: ["attrs", "hypothesis", "cloudpickle"],
    // attrs itself is installed too (hypothesis needs it): the copy's src/ comes first.
    pythonPath: ["src"],
    pytestArgs: ["tests"],
    selections: [
      select("tests/test_make.py tests/test_funcs.py", "src/attr", "tests/test_make.py", "tests/test_funcs.py"),
      select(
        "tests/test_validators.py tests/test_converters.py tests/test_filters.py",
        "src/attr/validators.py",
        "src/attr/converters.py",
        "src/attr/filters.py",
        "tests/test_validators.py",
        "tests/test_converters.py",
      ),
      select("tests/test_slots.py tests/test_next_gen.py tests/test_hooks.py", "src", "tests"),
    ],
  },
  {
    name: "starlette",
    source: { kind: "sdist", requirement: "starlette" },
    packages: [
      ...["anyio", "trio", "httpx", "httpx2", "jinja2", "itsdangerous", "python-multipart", "pyyaml"],
      ...["opentelemetry-sdk", "importlib-metadata", "blockbuster", "pytest-mock", "pytest-timeout"],
    ],
    // Its ini file names warnings of its own, which pytest imports before any path is added.
    pythonPath: ["."],
    pytestArgs: [],
    selections: [
      select("tests/middleware", "starlette/middleware", "tests/middleware"),
      select(
        "tests/test_routing.py tests/test_applications.py",
        "starlette/routing.py",
        "starlette/applications.py",
        "tests/test_routing.py",
        "tests/test_applications.py",
        "tests/conftest.py",
      ),
      select(
        "tests/test_requests.py tests/test_datastructures.py tests/test_config.py",
        "starlette",
        "tests/test_requests.py",
        "tests/test_config.py",
      ),
    ],
  },
  {
    name: "flask",
    source: { kind: "sdist", requirement: "flask" },
    packages: ["flask", "asgiref", "python-dotenv"],
    // flask itself is installed too, for what it needs: the copy's src/ comes first.
    pythonPath: ["src"],
    pytestArgs: ["tests"],
    selections: [
      select("tests/test_basic.py tests/test_appctx.py", "src/flask", "tests/test_basic.py", "tests/conftest.py"),
      select(
        "tests/test_blueprints.py tests/test_templating.py",
        "src/flask",
        "tests/templates",
        "tests/test_templating.py",
      ),
      select("tests/test_json.py tests/test_config.py tests/test_helpers.py", "src", "tests"),
    ],
  },
];

/** Copies the subject's files into `target`, the root of the project to test. */
export async function copySubject(subject: Subject, python: string, cacheHome: string, target: string): Promise<void> {
  const source = subject.source;
  mkdirSync(target, { recursive: true });
  if (source.kind === "folder") {
    copyFolder(source.path, target);
    return;
  }
  if (source.kind === "installed") {
    const found = await runQuietly([python, "-c", `import ${source.packageName} as p; print(p.__path__[0])`]);
    copyFolder(found.trim(), join(target, source.packageName));
    return;
  }
  copyFolder(await unpackedSdist(source.requirement, python, cacheHome), target);
}

function copyFolder(from: string, to: string): void {
  const skipped = new Set(["__pycache__", ".git", ".venv", "node_modules", ".pytest_cache"]);
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => path === from || !skipped.has(basename(path)),
  });
}

/** Downloads and unpacks a source distribution once per Python version; answers its top folder. */
async function unpackedSdist(requirement: string, python: string, cacheHome: string): Promise<string> {
  const version = (await runQuietly([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])).trim();
  const folder = join(cacheHome, "sdists", `${requirement.replace(/[^\w.-]+/g, "_")}-py${version}`);
  if (!existsSync(folder)) {
    const fresh = `${folder}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    await runQuietly([
      python,
      "-m",
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--no-binary",
      ":all:",
      "--dest",
      fresh,
      requirement,
    ]);
    const archive = readdirSync(fresh).find((name) => name.endsWith(".tar.gz"));
    if (archive === undefined) throw new Error(`Expected a .tar.gz source distribution of ${requirement}, got none.`);
    await runQuietly(["tar", "-xzf", join(fresh, archive), "-C", fresh]);
    await runQuietly(["mv", fresh, folder]);
  }
  const top = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory());
  if (top === undefined) throw new Error(`Expected a folder in ${folder}, got none.`);
  return join(folder, top.name);
}
