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

const READS = `
import sqlite3

connection = sqlite3.connect("shop.db")
PRICE = connection.execute("select value from prices").fetchone()[0]
connection.close()
`;
const TEST_PRICE = "import shop\n\n\ndef test_price():\n    assert shop.PRICE == 1\n";

test("a database that a module reads while it is imported", async () => {
  await using twins = new ColdAndWarm({ "shop.py": READS, "test_shop.py": TEST_PRICE });
  using database = new DatabaseSync(twins.project.at("shop.db"));
  database.exec("create table prices (value); insert into prices values (1)");
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  database.exec("update prices set value = 2");
  expect((await twins.same()).warm.exit).toBe(1);
  database.exec("update prices set value = 1");
  expect((await twins.same()).warm.exit).toBe(0);
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test.each([
  ["a path", "'data/shop.db'", false],
  ["a path from another working directory", "os.path.relpath('../data/shop.db', '..')", false],
  ["a URI", "'file:data/shop.db?mode=ro'", true],
  ["a path object", "pathlib.Path('data', 'shop.db')", false],
])("%s leads to the file", async (_, name, isUri) => {
  const module = `import os, pathlib, sqlite3\n\nwith sqlite3.connect(${name}, uri=${isUri ? "True" : "False"}) as connection:\n    PRICE = connection.execute("select value from prices").fetchone()[0]\n`;
  await using twins = new ColdAndWarm({ "shop.py": module, "test_shop.py": TEST_PRICE, "data/readme": "" });
  using database = new DatabaseSync(twins.project.at("data/shop.db"));
  database.exec("create table prices (value); insert into prices values (1)");
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  database.exec("update prices set value = 2");
  expect((await twins.same()).warm.exit).toBe(1);
});

test("what is written ahead of a database and not in its file yet", async () => {
  await using twins = new ColdAndWarm({ "shop.py": READS, "test_shop.py": TEST_PRICE });
  using database = new DatabaseSync(twins.project.at("shop.db"));
  database.exec("pragma journal_mode = wal; create table prices (value); insert into prices values (1)");
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  database.exec("update prices set value = 2");
  expect((await twins.same()).warm.exit).toBe(1);
});

test("a start that makes its tables anew each time is warm, and not where a test has written to them", async () => {
  const start = `
import sqlite3

connection = sqlite3.connect("shop.db")
connection.execute("drop table if exists prices")
connection.execute("create table prices (value)")
connection.execute("insert into prices values (1)")
connection.commit()
`;
  const reads = `
import sqlite3


def test_prices():
    connection = sqlite3.connect("shop.db")
    assert connection.execute("select value from prices").fetchall() == [(1,)]
`;
  await using twins = new ColdAndWarm({ "conftest.py": start, "test_prices.py": reads });
  const { prewarm, project } = twins;
  for (let round = 0; round < 3; round += 1) expect((await prewarm.run()).exit).toBe(0);
  expect(await twins.way()).toBe("warm");
  project.write(
    "test_prices.py",
    `${reads}    connection.execute("insert into prices values (2)")\n    connection.commit()\n`,
  );
  for (let round = 0; round < 3; round += 1) expect((await prewarm.run()).exit).toBe(0);
});

test("a start that finds what the one before has written is never warm, and says why", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import sqlite3

connection = sqlite3.connect("shop.db")
connection.execute("create table if not exists starts (number)")
connection.execute("insert into starts values (1)")
connection.commit()
STARTS = connection.execute("select count(*) from starts").fetchone()[0]
`,
    "test_starts.py": `
import sqlite3
from conftest import STARTS


def test_starts():
    assert sqlite3.connect("shop.db").execute("select count(*) from starts").fetchone() == (STARTS,)
`,
  });
  for (let round = 0; round < 3; round += 1) await twins.same();
  expect(await twins.way()).not.toBe("warm");
  expect((await twins.prewarm.status()).lastRecord?.reason).toMatch(
    /shop\.db (was changed by the start that has read it|modified)/,
  );
});

test("a copy that the start makes of a database depends on the first one alone", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import shutil, sqlite3

shutil.copy("first.db", "copy.db")
connection = sqlite3.connect("copy.db")
PRICE = connection.execute("select value from prices").fetchone()[0]
`,
    "test_price.py": `
import sqlite3
from conftest import PRICE, connection


def test_price():
    assert PRICE == 1
    assert connection.execute("select value from prices").fetchall() == [(1,)]
    assert sqlite3.connect("copy.db").execute("select value from prices").fetchall() == [(1,)]
`,
  });
  using database = new DatabaseSync(twins.project.at("first.db"));
  database.exec("create table prices (value); insert into prices values (1)");
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  database.exec("update prices set value = 2");
  expect((await twins.same()).warm.exit).toBe(1);
});
