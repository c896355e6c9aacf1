// What is printed and warned while pytest starts and collects appears in a warm run where a cold one shows it.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const CHATTY = {
  "conftest.py": `
import sys

print("conftest is imported")
print("conftest complains", file=sys.stderr)


def pytest_configure(config):
    print("configured")


def pytest_sessionfinish(session):
    print("session finished")
`,
  "test_a.py":
    "import sys\n\nprint('a is imported')\nprint('a complains', file=sys.stderr)\n\n\ndef test_a():\n    print('a runs')\n    assert 0\n",
  "test_b.py": "print('b is imported')\n\n\ndef test_b():\n    pass\n",
};

test("prints at import, captured and not", async () => {
  await using twins = new ColdAndWarm(CHATTY);
  for (const line of ["", "", "-s", "-s", "-s test_b.py", "test_b.py", "-s -k b", "--capture=sys", ""])
    await twins.same(line);
});

test("prints of files that do not collect", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "print('conftest is imported')\n",
    "test_a.py": "print('a is imported')\n\n\ndef test_a():\n    assert 0\n",
    "test_b.py": "print('b is imported')\nraise RuntimeError('b does not load')\n",
    "test_c.py": "import nothing_there\n",
    "test_d.py": "def test_d(:\n",
  });
  for (const line of [
    "",
    "",
    "-s",
    "test_b.py",
    "test_a.py test_b.py -s",
    "--continue-on-collection-errors",
    "-x",
    "test_d.py test_c.py --tb=short",
  ]) {
    await twins.same(line);
  }
  await twins.edit({
    "test_b.py": "print('b is mended')\n\n\ndef test_b():\n    pass\n",
    "test_d.py": "def test_d():\n    pass\n",
    "test_c.py": null,
  });
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("the summary of warnings", async () => {
  await using twins = new ColdAndWarm({
    "lib.py":
      "import warnings\n\nwarnings.warn('lib is old', DeprecationWarning)\n\n\ndef f():\n    warnings.warn('f is old', DeprecationWarning)\n",
    "conftest.py": "import warnings\n\nwarnings.warn('conftest warns')\n",
    "test_a.py":
      "import warnings\n\nimport lib\n\nwarnings.warn('a warns')\n\n\ndef test_a():\n    lib.f()\n\n\ndef test_once():\n    lib.f()\n",
    "test_b.py": "import lib\n\n\ndef test_b():\n    open('lib.py')\n",
  });
  for (const line of [
    "",
    "",
    "-k once",
    "-W error",
    "-W error::DeprecationWarning test_a.py",
    "-W ignore::UserWarning",
    "-rw --disable-warnings",
  ]) {
    await twins.same(line);
  }
});

test("five megabytes, bytes that are no text, and what child processes write", async () => {
  await using twins = new ColdAndWarm({
    "test_a.py": `
import os
import subprocess
import sys


def test_much():
    for number in range(50_000):
        print(f"{number:099d}")


def test_bytes():
    sys.stdout.flush()
    os.write(1, b"\\xff\\xfe \\x00 \\x1b[31m \\xe2\\x82")
    sys.stdout.buffer.write(b"\\xac\\n")
    os.write(2, b"\\xff\\n")


def test_child():
    sys.stdout.flush()
    subprocess.run([sys.executable, "-c", "import sys; print('child'); print('child', file=sys.stderr)"], check=True)
    assert 0
`,
  });
  for (const line of ["-s", "-s", "-q", "-k bytes -s", "-k child -rA"]) await twins.same(line);
});
