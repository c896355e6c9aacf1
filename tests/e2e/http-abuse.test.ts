// Whoever asks by HTTP can hold up nothing: neither by what is sent nor by what is not read.
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { request } from "node:http";
import { expect, test } from "vitest";
import { HttpClient } from "../rig/http-client.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const PROJECT = { "test_one.py": "def test_one(): pass\n" };

test("only who knows the token, and comes by a name of this machine, is answered", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm);
  const statusOf = async (headers: Readonly<Record<string, string>>): Promise<number | undefined> => {
    const asked = request(`${http.url}/runs`, { headers });
    asked.end();
    const [response] = (await once(asked, "response")) as [{ statusCode?: number; resume: () => void }];
    response.resume();
    return response.statusCode;
  };
  const authorization = `Bearer ${http.token}`;
  expect(await statusOf({})).toBe(401);
  expect(await statusOf({ authorization: "Bearer nonsense" })).toBe(401);
  expect(await statusOf({ authorization: `Bearer ${http.token}x` })).toBe(401);
  expect(await statusOf({ authorization, host: "evil.example" })).toBe(403);
  expect(await statusOf({ authorization, host: `evil.example:${http.port}` })).toBe(403);
  expect(await statusOf({ authorization, host: "127.0.0.1" })).toBe(403);
  expect(await statusOf({ authorization, origin: "http://evil.example" })).toBe(403);
  expect(await statusOf({ authorization, origin: "null" })).toBe(403);
  expect(await statusOf({ authorization, origin: http.url })).toBe(200);
  expect(await statusOf({ authorization, host: `localhost:${http.port}` })).toBe(200);
  expect((await fetch(`${http.url}/runs?token=${http.token}`)).status).toBe(200);
});

test("what is no request of ours is refused with a sentence", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm);
  const refusal = async (response: Response): Promise<string> => {
    const { error } = (await response.json()) as { error: { code: string } };
    return `${response.status} ${error.code}`;
  };
  expect(await refusal(await http.post("/runs", "{"))).toBe("400 bad-request");
  expect(await refusal(await http.post("/runs", "[]"))).toBe("400 bad-request");
  expect(await refusal(await http.post("/runs", { idz: [] }))).toBe("400 bad-request");
  expect(await refusal(await http.post("/runs", { ids: "all" }))).toBe("400 bad-request");
  expect(await refusal(await http.post("/runs", {}, { "content-type": "text/plain" }))).toBe("415 no-json");
  expect(await refusal(await http.post("/command", { command: ["rm", "-rf", "/"] }))).toBe("409 conflict");
  expect(await refusal(await http.post("/command", { command: ["python", "-m", "pytest"] }))).toBe("409 conflict");
  expect(await refusal(await http.get("/history?limit=all"))).toBe("400 bad-request");
  expect(await refusal(await http.get("/runs/r999"))).toBe("404 not-found");
  expect(await refusal(await http.get("/.env"))).toBe("404 not-found");
  expect(await refusal(await http.post("/trunk"))).toBe("405 method");
  const large = JSON.stringify({ name: "x".repeat(9 * 1024 * 1024) });
  // The server may close while the rest of such a body is still under way.
  const answer = await http.post("/runs", large).then(refusal, () => "closed");
  expect(["413 too-large", "closed"]).toContain(answer);
  for (const garbage of ["\0\x01\x02\r\n\r\n", "GET\r\n\r\n", `GET / HTTP/1.1\r\nx: ${"y".repeat(100_000)}\r\n\r\n`]) {
    const socket = http.raw(garbage);
    socket.resume();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve());
    await closed;
  }
  const asleep = http.raw(`POST /runs HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\n`);
  expect((await http.get("/status")).status).toBe(200);
  asleep.destroy();
});

test("no file outside of the project is opened, whatever it is called, and no editor that a request names", async () => {
  using project = new Project(PROJECT);
  symlinkSync("/etc", project.at("linked"));
  await using prewarm = new Prewarm(project, { VISUAL: "/nowhere/editor", EDITOR: "vi" });
  await using http = await HttpClient.serve(prewarm);
  for (const path of [
    "/etc/passwd",
    "../../../../etc/passwd",
    "linked/passwd",
    ".",
    "",
    "nothing.py",
    "test_one.py\0",
  ]) {
    expect([400, 404], path).toContain((await http.post("/editor", { path })).status);
  }
  expect((await http.post("/editor", { path: "test_one.py", line: 0 })).status).toBe(400);
  expect((await http.post("/editor", { path: "test_one.py", editor: "touch" })).status).toBe(400);
  const answer = await http.post("/editor", { path: "test_one.py", line: 1 });
  expect(await answer.json()).toMatchObject({
    error: { code: "conflict", sentence: "The editor `/nowhere/editor` cannot be started (ENOENT)." },
  });
});

test("bodies that never end hold up nobody else", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm);
  const head = [
    ...["POST /runs HTTP/1.1", `Host: 127.0.0.1:${http.port}`, `Authorization: Bearer ${http.token}`],
    ...["Content-Type: application/json", "Content-Length: 1000000", "", '{"name": "'],
  ].join("\r\n");
  const slow = Array.from({ length: 50 }, () => http.raw(head));
  expect((await http.json("/runs")).runs).toEqual([]);
  const run = await http.run();
  for await (const { data } of http.events("none-0")) {
    if (data.event?.type === "run-finished" || (await http.json(`/runs/${run}`)).state === "finished") break;
  }
  expect(await http.json(`/runs/${run}`)).toMatchObject({ record: { exit: 0 } });
  for (const socket of slow) socket.destroy();
});

test("a reader of events that does not read holds up no run, and is dropped", async () => {
  // One failing test says more than a reader may leave unread, with what the system's own buffers take.
  const text = `import sys\ndef test_loud():\n    sys.stdout.write("x" * 150_000)\n    assert False\n`;
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`loud/test_${n}.py`, text]));
  using project = new Project({ ...PROJECT, ...files });
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm);
  const head = `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\nAuthorization: Bearer ${http.token}\r\n\r\n`;
  const deaf = http.raw(head);
  await once(deaf, "readable");
  deaf.pause();
  const gone = http.raw(head);
  await once(gone, "readable");
  gone.destroy();

  const { exit, outcomes = {} } = await prewarm.run(["loud"]);
  expect(exit).toBe(1);
  expect(Object.keys(outcomes)).toHaveLength(100);
  expect((await prewarm.run(["test_one.py"])).exit).toBe(0);
  expect((await http.get("/status")).status).toBe(200);
  // What was on its way arrives, and then the end.
  deaf.resume();
  await once(deaf, "close");
});
