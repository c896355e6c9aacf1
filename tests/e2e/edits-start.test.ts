// A start of pytest that an edit breaks, and runs with other arguments than that start had.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

test("a conftest that breaks the start for some arguments, and not for others", async () => {
  const conftest = "import pytest\n\n\n@pytest.fixture\ndef five():\n    return 5\n";
  await using twins = new ColdAndWarm({
    "one/conftest.py": conftest,
    "one/test_one.py": "def test_one(five):\n    assert five == 5\n",
    "two/test_two.py": "def test_two():\n    pass\n",
  });
  await twins.same("one two");
  await twins.edit({ "one/conftest.py": `${conftest}\nfrom os import not_there\n` }, "two");
  const broken = await twins.same("one two");
  expect(broken.warm.exit).toBe(4);
  await twins.edit({ "one/conftest.py": conftest }, "two");
  await twins.same("one two");
});
