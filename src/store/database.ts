import { renameSync, rmSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { failed, ok, type Result } from "../base/result.ts";
import { migrate, SCHEMA_VERSION, versionOf } from "./migrations.ts";

/** A reader in another process may be in the way for a moment; the daemon does nothing else meanwhile. */
const BUSY_PATIENCE_MS = 200;
const PAGE_BYTES = 4096;
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_JOURNAL_BYTES = 4 * 1024 * 1024;

const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** What a query gives: a row of named values. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A file of SQLite that is open. Every method can throw what `DatabaseSync` throws. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs a statement; each text is compiled once. */
  run(sql: string, ...values: readonly (string | number | null | Uint8Array)[]): void {
    this.#prepare(sql).run(...values);
  }

  /** The first row, or undefined. */
  get(sql: string, ...values: readonly (string | number | null)[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  /** All rows. */
  all(sql: string, ...values: readonly (string | number | null)[]): readonly Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** Does all of it or nothing. */
  transact(act: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      act();
      this.#database.exec("COMMIT");
    } catch (error) {
      // SQLite has ended the transaction by itself after some failures.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Opens a database, or creates it; the failure says why that cannot be, in words, and whether the file is at fault. */
export function openDatabase(
  file: string,
  mostBytes: number = MOST_BYTES,
): Result<Database, { readonly reason: string; readonly isDamaged: boolean }> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_PATIENCE_MS });
    if (versionOf(database) > SCHEMA_VERSION) {
      database.close();
      return failed({ reason: "a newer prewarm has written it", isDamaged: false });
    }
    // In a write-ahead log a process can die at any point, and no write waits for the disk.
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${MOST_JOURNAL_BYTES};
       PRAGMA max_page_count = ${Math.ceil(mostBytes / PAGE_BYTES)}`,
    );
    migrate(database);
    return ok(new Database(database));
  } catch (error) {
    if (database?.isOpen === true) database.close();
    return failed({ reason: reasonOf(error), isDamaged: isDamage(error) });
  }
}

/** Moves a file that cannot be used out of the way, with what belongs to it; returns its new path. */
export function setAside(file: string): string {
  const aside = `${file}.damaged`;
  for (const ending of ["-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
  renameSync(file, aside);
  return aside;
}

/** Whether an error says that the file's content is none that this program can have written. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error && "errcode" in error)) return false;
  // The lowest byte is the code, the others say more about it.
  const code = Number(error.errcode) & 0xff;
  const lacksTable = code === SQLITE_ERROR && error.message.startsWith("no such ");
  return lacksTable || code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** SQLite's words for what went wrong. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "errstr" in error ? String(error.errstr) : error.message;
}
