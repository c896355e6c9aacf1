// A history that cannot be read or written is one that knows nothing: a warning, and never an exception.
import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { outcomes, runEntry, SUITE, TempHistory } from "./temp-history.ts";

const EDITED = [{ path: "/p/a.py", count: 1, lastMs: 1 }];

test("one that is there is not warned of, nor one that is made now", () => {
  using temp = new TempHistory();
  for (const history of [temp.open(), temp.open()]) {
    history.open();
    expect(history.takeWarning()).toBeUndefined();
  }
});

test.for([
  { what: "text", damage: (file: string) => writeFileSync(file, "no database\n".repeat(1000)) },
  { what: "a cut-off file", damage: (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 5000)) },
  { what: "a database without our tables", damage: foreignDatabase },
])("$what is set aside, and a new one begins", ({ damage }) => {
  using temp = new TempHistory();
  const first = temp.open();
  first.addEdits(["/p/a.py"], 1);
  first.close();
  damage(temp.file);
  const history = temp.open();
  expect(history.edits()).toEqual([]);
  expect(history.takeWarning()).toMatchObject({
    code: "history-damaged",
    text: expect.stringContaining(`${temp.file}.damaged`),
  });
  expect(existsSync(`${temp.file}.damaged`)).toBe(true);
  history.addEdits(["/p/a.py"], 1);
  expect(temp.open().edits()).toEqual(EDITED);
  expect(history.takeWarning()).toBeUndefined();
});

test("one that is damaged while it is in use is set aside, and a new one goes on", () => {
  using temp = new TempHistory();
  const first = temp.open();
  for (let run = 0; run < 50; run += 1) first.addRun(runEntry(outcomes({ [`test_${run}`]: "passed" })));
  first.close();
  const history = temp.open();
  history.open();
  const file = openSync(temp.file, "r+");
  writeSync(file, Buffer.alloc(statSync(temp.file).size - 4096, 0xee), 0, null, 4096);
  expect(history.lastOutcomes(SUITE).size).toBe(0);
  expect(history.takeWarning()?.code).toBe("history-damaged");
  history.addEdits(["/p/a.py"], 1);
  expect(history.edits()).toEqual(EDITED);
});

test("one of a newer prewarm is left as it is", () => {
  using temp = new TempHistory();
  const newer = new DatabaseSync(temp.file);
  newer.exec("CREATE TABLE another (thing TEXT); PRAGMA user_version = 1000");
  newer.close();
  const before = readFileSync(temp.file);
  const history = temp.open();
  history.addEdits(["/p/a.py"], 1);
  expect(history.edits()).toEqual([]);
  expect(history.takeWarning()).toMatchObject({
    code: "no-history",
    text: `The history ${temp.file} cannot be used (a newer prewarm has written it): nothing is remembered.`,
  });
  expect(readFileSync(temp.file).equals(before)).toBe(true);
});

test("a path that cannot be opened is said once, and tried again at the next write", () => {
  using temp = new TempHistory();
  mkdirSync(temp.file);
  const history = temp.open();
  expect(history.edits()).toEqual([]);
  history.addEdits(["/p/a.py"], 1);
  expect(history.takeWarning()).toMatchObject({
    code: "no-history",
    text: `The history ${temp.file} cannot be used (unable to open database file): nothing is remembered.`,
  });
  expect(history.takeWarning()).toBeUndefined();
});

test("a full one keeps what it has, and goes on when there is room", () => {
  using temp = new TempHistory();
  const most = 200_000;
  const history = temp.open({ runs: 5000, outcomes: 200_000, tests: 10 }, most);
  history.addEdits(["/p/a.py"], 1);
  const many = (name: string) =>
    outcomes(Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${name}-${index}`, "passed" as const])));
  history.addRun(runEntry(many("a test with a long name")));
  expect(history.takeWarning()).toMatchObject({
    code: "no-history",
    text: `The history ${temp.file} cannot be used (database or disk is full): nothing is remembered.`,
  });
  expect(history.lastOutcomes(SUITE).size).toBe(0);
  history.addEdits(["/p/a.py"], 2);
  expect(history.edits()).toEqual([{ path: "/p/a.py", count: 2, lastMs: 2 }]);
  expect(statSync(temp.file).size).toBeLessThanOrEqual(most);
});

test("one that another program holds is used again when that lets go", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.open();
  const holder = new DatabaseSync(temp.file);
  holder.exec("BEGIN IMMEDIATE");
  history.addEdits(["/p/b.py"], 1);
  expect(history.takeWarning()).toMatchObject({
    code: "no-history",
    text: `The history ${temp.file} cannot be used (database is locked): nothing is remembered.`,
  });
  holder.exec("COMMIT");
  holder.close();
  history.addEdits(["/p/a.py"], 1);
  expect(temp.open().edits()).toEqual(EDITED);
});

function foreignDatabase(file: string): void {
  const database = new DatabaseSync(file);
  for (const table of ["suites", "runs", "tests", "outcomes", "edits"]) database.exec(`DROP TABLE ${table}`);
  database.close();
}
