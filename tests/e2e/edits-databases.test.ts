// Databases of SQLite that the start of a project opens.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

test.each([
  'sqlite3.connect(":memory:")',
  'sqlite3.connect("")',
  'sqlite3.connect("file::memory:?cache=shared", uri=True)',
  'sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)',
])("%s at the start leaves nothing that a run could miss", async (connect) => {
  await using twins = new ColdAndWarm({
    "conftest.py": `import sqlite3\n\nCONNECTION = ${connect}\n`,
    "test_shop.py":
      "from conftest import CONNECTION\n\n\ndef test_one():\n    assert CONNECTION.execute('select 1').fetchone() == (1,)\n",
  });
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
});
