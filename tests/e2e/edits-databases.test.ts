// Databases of SQLite that the start of a project opens.
import { DatabaseSync } from "node:sqlite";
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

test("a database that a module reads while it is imported", async () => {
  await using twins = new ColdAndWarm({
    "shop.py": `
import sqlite3

with sqlite3.connect("shop.db") as connection:
    PRICE = connection.execute("select value from prices").fetchone()[0]
connection.close()
`,
    "test_shop.py": "import shop\n\n\ndef test_price():\n    assert shop.PRICE == 1\n",
  });
  const database = new DatabaseSync(twins.project.at("shop.db"));
  database.exec("create table prices (value); insert into prices values (1)");
  await twins.same();
  database.exec("update prices set value = 2");
  await twins.same();
  database.exec("update prices set value = 1");
  database.close();
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
});
