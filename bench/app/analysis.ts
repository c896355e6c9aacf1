import { type GeneratedFile, SUBJECTS } from "./names.ts";

const KINDS = ["trend", "forecast", "network"] as const;

interface Method {
  readonly imports: string;
  readonly constants: (seed: number) => string;
  readonly body: (seed: number) => string;
  readonly value: (seed: number, size: number) => number;
}

/** What `heavyapp.analysis.<subject>_trend.score(size)` returns. */
export function score(subjectIndex: number, size: number): number {
  return methodOf(subjectIndex, 0).value(seedOf(subjectIndex, 0), size);
}

/** The analysis layer: three modules a subject; numpy, scipy, sympy and networkx in turn, with results that are whole numbers. */
export function analysisModules(): readonly GeneratedFile[] {
  return SUBJECTS.flatMap((subject, subjectIndex) =>
    KINDS.map((kind, kindIndex) => ({
      path: `heavyapp/analysis/${subject}_${kind}.py`,
      text: analysisText(subject, kind, methodOf(subjectIndex, kindIndex), seedOf(subjectIndex, kindIndex)),
    })),
  );
}

function seedOf(subjectIndex: number, kindIndex: number): number {
  // Small numbers, however many subjects there are: some of them are sizes.
  return (subjectIndex % 30) * 3 + kindIndex + 2;
}

function methodOf(subjectIndex: number, kindIndex: number): Method {
  const method = METHODS[(subjectIndex + kindIndex * 2) % METHODS.length];
  if (method === undefined) throw new RangeError(`no method for subject ${subjectIndex}`);
  return method;
}

const METHODS: readonly Method[] = [
  {
    imports: "import numpy as np\nfrom scipy import interpolate, linalg",
    constants: (seed) =>
      `GRID = np.linspace(0.0, ${seed}.0, 64)\nCURVE = interpolate.CubicSpline(GRID, GRID**2)\nINVERSE = linalg.inv(np.eye(8) * ${seed})`,
    body: (seed) => `int(np.dot(np.arange(size), np.arange(size))) % 9973 + ${seed}`,
    value: (seed, size) => ((((size - 1) * size * (2 * size - 1)) / 6) % 9973) + seed,
  },
  {
    imports: "from scipy import signal, stats",
    constants: (seed) =>
      `SPREAD = stats.gamma(a=${seed}.0)\nBELL = stats.norm(loc=0.0, scale=${seed}.0)\nTAPS = signal.firwin(${seed * 2 + 9}, 0.3)`,
    body: () => "round(float(BELL.cdf(0.0)) * 1000) + size",
    value: (_seed, size) => 500 + size,
  },
  {
    imports: "from scipy import integrate, optimize",
    constants: (seed) =>
      `AREA, _ERROR = integrate.quad(lambda x: x * ${seed}.0, 0.0, 2.0)\nFIT = optimize.minimize_scalar(lambda x: (x - ${seed}.0) ** 2).x`,
    body: (seed) => `round(optimize.brentq(lambda x: x * x - (size + ${seed}) ** 2, 0.0, 10_000.0))`,
    value: (seed, size) => size + seed,
  },
  {
    imports: "import sympy",
    constants: (seed) =>
      `X, Y = sympy.symbols("x y")\nPOLYNOMIAL = sympy.expand((X + ${seed}) ** 2)\nSLOPE = sympy.diff(POLYNOMIAL * sympy.sin(Y), X)\nCOMPILED = sympy.lambdify(X, POLYNOMIAL, "math")`,
    body: () => "int(POLYNOMIAL.subs(X, size))",
    value: (seed, size) => (size + seed) ** 2,
  },
  {
    imports: "import networkx as nx",
    constants: (seed) =>
      `RING = nx.cycle_graph(${seed + 12})\nTREE = nx.balanced_tree(2, 5)\nRANKS = nx.degree_centrality(TREE)`,
    body: (seed) => `nx.shortest_path_length(RING, 0, size % ${seed + 12})`,
    value: (seed, size) => Math.min(size % (seed + 12), seed + 12 - (size % (seed + 12))),
  },
];

function analysisText(subject: string, kind: string, method: Method, seed: number): string {
  return `"""Analysis: the ${kind} of ${subject}."""

from __future__ import annotations

import functools
import statistics

${method.imports}

from heavyapp.core import intervals, rounding, settings

${method.constants(seed)}
WINDOW = min(${seed + 5}, settings.MAX_ITEMS)


def score(size: int) -> int:
    """The ${kind} of ${subject} over the given number of steps."""
    return ${method.body(seed)}


def smooth(values: list[float], window: int = WINDOW) -> list[float]:
    """The moving mean, shorter at the start."""
    return [statistics.fmean(values[max(0, end - window) : end]) for end in range(1, len(values) + 1)]


@functools.lru_cache(maxsize=128)
def ranked(size: int) -> int:
    """The score on the common scale."""
    return rounding.adjust(intervals.adjust(score(size)))


def compare(left: int, right: int) -> str:
    """Which of two sizes scores higher: left, right or equal."""
    first, second = score(left), score(right)
    if first == second:
        return "equal"
    return "left" if first > second else "right"
`;
}
