// Connections to a real PostgreSQL and a real Redis that are opened while importing: whoever holds one has it alone.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../rig/free-port.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const python = join(process.env.PREWARM_TEST_TOOLS ?? "", "python");
const PATH = `${process.env.PATH}:/usr/lib/postgresql/15/bin:/usr/lib/postgresql/16/bin:/usr/lib/postgresql/17/bin`;
const hasPostgres = spawnSync("initdb", ["--version"], { env: { PATH } }).status === 0;
const folder = mkdtempSync(join(tmpdir(), "pw-postgres-"));
let port = 0;

beforeAll(async () => {
  if (!hasPostgres) return;
  port = await freePort();
  // PostgreSQL does not run as root.
  if (process.getuid?.() === 0) spawnSync("chown", ["postgres", folder]);
  asPostgres("initdb", "-D", join(folder, "data"), "-U", "postgres", "-A", "trust", "--no-sync");
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`;
  asPostgres("pg_ctl", "-D", join(folder, "data"), "-w", "-l", join(folder, "log"), "-o", options, "start");
});

afterAll(() => {
  if (hasPostgres) asPostgres("pg_ctl", "-D", join(folder, "data"), "-w", "-m", "immediate", "stop");
  rmSync(folder, { recursive: true, force: true });
});

const ENGINE = `import psycopg
from sqlalchemy import create_engine, text

address = "host=127.0.0.1 port=PORT user=postgres"
engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address))
with engine.connect() as connection:
    importing = connection.execute(text("select pg_backend_pid()")).scalar()
`;

/** Fifty questions, of which each process asks some: another's answer is none. */
const ask = (question: string) => `import pytest
import shop
from sqlalchemy import text


@pytest.mark.parametrize("number", range(50))
def test_answer(number):
    ${question}
    assert tuple(answer) == (number,)
`;
const EXECUTED = `execute(text("select cast(:n as int)"), {"n": number}).one()`;

interface Case {
  readonly held: string;
  readonly shop: string;
  readonly question: string;
  readonly says: string | undefined;
}

test.runIf(hasPostgres).for<Case>([
  {
    held: "by a pool",
    shop: ENGINE,
    question: `with shop.engine.connect() as connection:
        answer = connection.${EXECUTED}
        assert connection.execute(text("select pg_backend_pid()")).scalar() != shop.importing`,
    says: undefined,
  },
  {
    held: "by nobody's pool",
    shop: `${ENGINE}\nown = psycopg.connect(address)\n`,
    question: `answer = shop.own.execute("select %s::int", (number,)).fetchone()`,
    says: "psycopg opens a connection to 127.0.0.1",
  },
  {
    held: "by one to whom a pool has handed it out",
    shop: `${ENGINE}\nown = engine.connect()\n`,
    question: `answer = shop.own.${EXECUTED}`,
    says: "psycopg opens a connection to 127.0.0.1",
  },
])("PostgreSQL: a connection that is held $held", async ({ shop, question, says }) => {
  const tests = ask(question);
  await outcomes({ "shop.py": shop.replace("PORT", `${port}`), "test_a.py": tests, "test_b.py": tests }, says);
});

const REDIS = `import redis

client = redis.Redis(port=PORT, single_connection_client=True)
client.ping()
`;
const COUNT = `import pytest
from shop import client


@pytest.mark.parametrize("number", range(50))
def test_count(number):
    client.set(f"{__name__} {number}", number)
    assert client.incr(f"{__name__} {number}") == number + 1
`;

test("Redis: a client with a single connection", async ({ skip }) => {
  if (spawnSync("redis-server", ["--version"]).status !== 0) skip("Redis is not installed");
  const own = await freePort();
  const server = spawn("redis-server", ["--port", `${own}`, "--save", "", "--dir", folder]);
  try {
    for await (const text of server.stdout) if (`${text}`.includes("Ready to accept")) break;
    const shop = REDIS.replace("PORT", `${own}`);
    await outcomes({ "shop.py": shop, "test_a.py": COUNT, "test_b.py": COUNT }, "redis opens a connection to ");
  } finally {
    server.kill("SIGKILL");
  }
});

/** A cold run, a warm one and one in two workers: all of them pass, and one says who stands in the way, if anybody does. */
async function outcomes(files: Readonly<Record<string, string>>, says: string | undefined): Promise<void> {
  using project = new Project(files);
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  let told = "";
  for (const words of [[], [], ["-n", "2"]]) {
    const run = await prewarm.run([], { flags: ["--python", python, ...words] });
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    told += run.stderr;
  }
  if (says === undefined) expect(told).not.toContain("connection-at-import");
  else expect(told).toContain(`warning[connection-at-import] ${says}`);
}

function asPostgres(...words: readonly string[]): void {
  const user = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  const [program = "", ...args] = [...user, ...words];
  const done = spawnSync(program, args, {
    cwd: "/",
    env: { ...process.env, PATH },
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (done.status !== 0) throw new Error(`${words.join(" ")}: ${done.stderr}`);
}
