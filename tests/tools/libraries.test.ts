// Libraries whose connections are opened while importing, in workers and in run after run: Django, whose connections are let go, and
// redis, which looks after its own.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const python = join(process.env.PREWARM_TEST_TOOLS ?? "", "python");
const RUNS = [[], [], ["-n", "2"]];

const SETTINGS = `SECRET_KEY = "k"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"},
             "memory": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
`;

const DJANGO = `import os
import django
from django.db import connections
from django.db.backends.signals import connection_created

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
opened = []
importer = os.getpid()
connection_created.connect(lambda connection, **_: opened.append((connection.alias, os.getpid())), weak=False)
for name in ("default", "memory"):
    with connections[name].cursor() as cursor:
        cursor.execute("create table if not exists goods (name text)")
        cursor.execute("insert into goods select 'pear' where not exists (select * from goods)")
`;

const GOODS = `import os
from conftest import importer, opened
from django.db import connections

def test_goods():
    for name in ("default", "memory"):
        for _ in range(2):
            with connections[name].cursor() as cursor:
                cursor.execute("select distinct name from goods")
                assert cursor.fetchall() == [("pear",)]
    assert opened.count(("default", os.getpid())) == 1
    # A start that takes no time leads its run itself: it is the process that has opened them.
    assert opened.count(("memory", os.getpid())) == (os.getpid() == importer)
`;

test("Django: a connection that was opened while importing is used by nobody else, and a database in memory stays", async () => {
  const files = { "settings.py": SETTINGS, "conftest.py": DJANGO, "test_a.py": GOODS, "test_b.py": GOODS };
  using project = new Project(files);
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  for (const words of RUNS) {
    const run = await prewarm.run([], { flags: ["--python", python, ...words] });
    expect(run.exit, run.stdout).toBe(0);
  }
});

const REDIS = `import os, socket, subprocess, time
import redis

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(["redis-server", "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL)
client = redis.Redis(port=port)
while True:
    try:
        own = client.client_id()
        break
    except redis.ConnectionError:
        time.sleep(0.02)


def pytest_sessionfinish():
    if os.environ.get("LAST"):
        server.kill()
`;

const TALKS = `from conftest import client, own


def test_talks():
    assert client.client_id() != own
    for number in range(200):
        assert client.incrby(__name__, 1) > 0
`;

test("redis: a client that was made while importing opens its own connection in each process", async ({ skip }) => {
  if (spawnSync("redis-server", ["--version"]).status !== 0) skip("Redis is not installed");
  using project = new Project({ "conftest.py": REDIS, "test_a.py": TALKS, "test_b.py": TALKS });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  for (const words of RUNS) {
    const env = words.length > 0 ? { LAST: "1" } : {};
    const run = await prewarm.run([], { flags: ["--python", python, ...words], env });
    expect(run.exit, run.stdout).toBe(0);
  }
});
