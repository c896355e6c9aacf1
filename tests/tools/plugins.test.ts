// Plugins of pytest in two forked workers: outcomes and reports are those of plain pytest in one process.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { runTool } from "../rig/tools.ts";

const python = join(process.env.PREWARM_TEST_TOOLS ?? "", "python");
const SHOP =
  "def price(count):\n    if count > 3:\n        return count * 2\n    return count\n\n\ndef unused():\n    return 1\n";
const PRICES =
  "import pytest, shop\n\n\n@pytest.mark.parametrize('n', range(8))\ndef test_price(n):\n    assert shop.price(n) in (n, 2 * n)\n\n\ndef test_fails():\n    assert shop.price(1) == 2\n";

interface Case {
  /** What is loaded with `-p`. */
  readonly plugins: readonly string[];
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** A report that has to be the same. */
  readonly report?: (project: Project, stdout: string) => unknown;
}

const CASES: Readonly<Record<string, Case>> = {
  "pytest-cov": {
    plugins: ["pytest_cov"],
    args: ["--cov=shop", "--cov-branch", "--cov-report=term-missing", "--cov-report=json:cov.json"],
    report: (project) => {
      const { files } = JSON.parse(readFileSync(project.at("cov.json"), "utf8"));
      return Object.entries(files as Record<string, Record<string, unknown>>).map(([name, file]) => [
        name,
        file.executed_lines,
        file.missing_lines,
        file.executed_branches,
        file.missing_branches,
      ]);
    },
  },
  "pytest-randomly": { plugins: ["pytest_randomly"] },
  "pytest-rerunfailures": {
    plugins: ["pytest_rerunfailures", "xdist.plugin"],
    files: {
      "test_flaky.py":
        "import pytest\n\ntries = []\n\n\n@pytest.mark.flaky(reruns=2)\ndef test_flaky():\n    tries.append(1)\n    assert len(tries) > 1\n\n\n@pytest.mark.flaky(reruns=1)\ndef test_never():\n    assert False\n",
    },
    report: (_, stdout) => /(\d+) rerun/.exec(stdout)?.[0],
  },
  "pytest-timeout": {
    plugins: ["pytest_timeout"],
    files: {
      "test_slow.py":
        "import time, pytest\n\n\n@pytest.mark.timeout(0.2)\ndef test_slow():\n    time.sleep(60)\n\n\ndef test_quick():\n    pass\n",
    },
    report: (_, stdout) => stdout.includes("Timeout (>0.2s) from pytest-timeout"),
  },
  "pytest-asyncio": {
    plugins: ["pytest_asyncio"],
    files: {
      "test_async.py":
        "import asyncio, pytest\n\n\n@pytest.mark.asyncio\nasync def test_sleeps():\n    await asyncio.sleep(0.01)\n\n\n@pytest.mark.asyncio\nasync def test_fails():\n    await asyncio.sleep(0)\n    assert False\n",
    },
  },
  "pytest-mock": {
    plugins: ["pytest_mock"],
    files: {
      "test_mock.py":
        "import shop\n\n\ndef test_mocks(mocker):\n    mocker.patch('shop.price', return_value=7)\n    assert shop.price(1) == 7\n\n\ndef test_is_back():\n    assert shop.price(1) == 1\n",
    },
  },
  "pytest-html": {
    plugins: ["pytest_html.plugin", "pytest_metadata.plugin"],
    args: ["--html=report.html", "--self-contained-html"],
    report: (project) => {
      const data = /data-jsonblob="([^"]*)"/.exec(readFileSync(project.at("report.html"), "utf8"))?.[1] ?? "";
      const { tests } = JSON.parse(data.replaceAll("&#34;", '"').replaceAll("&amp;", "&"));
      return Object.entries(tests as Record<string, readonly { readonly result: string }[]>)
        .map(([id, results]) => [id, results.map(({ result }) => result)])
        .toSorted();
    },
  },
  "pytest-benchmark": {
    plugins: ["pytest_benchmark.plugin"],
    files: {
      "test_bench.py": "import shop\n\n\ndef test_bench(benchmark):\n    assert benchmark(shop.price, 5) == 10\n",
    },
  },
  "pytest-django": {
    plugins: ["pytest_django.plugin"],
    args: ["--ds=site_settings"],
    files: {
      "site_settings.py":
        "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3', 'TEST': {'NAME': 'test.sqlite3'}}}\nUSE_TZ = True\n",
      "test_users.py":
        "import pytest\n\n\n@pytest.mark.django_db\n@pytest.mark.parametrize('n', range(6))\ndef test_user(n):\n    from django.contrib.auth.models import User\n    User.objects.create(username='same')\n    assert User.objects.count() == 1\n",
    },
  },
  hypothesis: {
    plugins: ["_hypothesis_pytestplugin"],
    files: {
      "test_given.py":
        "import shop\nfrom hypothesis import given, strategies as st\n\n\n@given(st.integers())\ndef test_given(n):\n    assert shop.price(n) in (n, 2 * n)\n\n\n@given(st.integers())\ndef test_finds(n):\n    assert n < 100\n",
    },
    report: (_, stdout) => stdout.includes("n=100"),
  },
};

test.for(Object.entries(CASES))("%s", async ([, { plugins, args = [], files = {}, report }]) => {
  using project = new Project({ "shop.py": SHOP, "test_prices.py": PRICES, ...files });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONPATH: "." });
  const line = [...plugins.flatMap((name) => ["-p", name]), ...args];
  const place = { cwd: project.root, env: prewarm.environment({ PYTHONDONTWRITEBYTECODE: "1" }) };
  const plain = await runTool("python", ["-m", "pytest", "-rA", ...line], place);
  const expected = { exit: plain.exit, counts: countsOf(plain.stdout), report: report?.(project, plain.stdout) };
  for (const way of ["cold", "warm"]) {
    const command = prewarm.command(["run", "--python", python, "-n", "2", "--", "pytest", "-rA", ...line]);
    const run = await command.finished;
    const found = { exit: run.exit, counts: countsOf(run.stdout), report: report?.(project, run.stdout) };
    expect(found, `${way}: ${run.stdout}${run.stderr}`).toEqual(expected);
    // It was a worker that has run the test that fails.
    expect(run.stdout, way).toMatch(/^\[gw[01]\] /m);
  }
  expect((await prewarm.status()).lastRecord?.way).toBe("warm");
});

/** The numbers of the last line, but for what names no outcome. */
function countsOf(stdout: string): readonly string[] {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return [...last.matchAll(/\d+ (?:passed|failed|errors?|skipped|rerun)/g)].map(([count]) => count).toSorted();
}
