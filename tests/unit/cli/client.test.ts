import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { VERSION } from "../../../src/base/version.ts";
import { greet, reachDaemon } from "../../../src/cli/client.ts";
import { followRun } from "../../../src/cli/follow-run.ts";
import { greetingConnection, type Project } from "../../../src/cli/project.ts";
import { stateFolderOf } from "../../../src/cli/state-folder.ts";
import { API_VERSION, type ApiAnswer } from "../../../src/protocol/api.ts";
import { encodeFrame } from "../../../src/protocol/frames.ts";
import { makeFolder } from "./temp-folder.ts";

/** Listens where a project's daemon would, and treats each client as told. */
async function listen(serve: (socket: Socket) => void): Promise<Project> {
  const root = makeFolder();
  const userId = process.getuid?.() ?? 0;
  const folder = { ...stateFolderOf(root, { PREWARM_STATE_DIR: root }, userId), path: root, socket: join(root, "s") };
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(folder.socket, resolve);
  await promise;
  onTestFinished(() => void server.close());
  return { cwd: root, root, folder, userId, connection: greetingConnection(folder.socket), refusal: undefined };
}

const say = (socket: Socket, answer: ApiAnswer): boolean => socket.write(encodeFrame(answer));
const hello = { type: "hello", api: API_VERSION, version: VERSION, pid: 7 } as const;
const output = (text: string): ApiAnswer => ({
  type: "output",
  stream: "stdout",
  data: Buffer.from(text).toString("base64"),
});

test("a daemon of our version is ours", async () => {
  const project = await listen((socket) => say(socket, hello));
  const reached = await reachDaemon(project, undefined);
  expect(reached.ok && reached.value.pid).toBe(7);
  if (reached.ok) reached.value.connection.close();
});

test("a newer daemon is an error that says what to install", async () => {
  const project = await listen((socket) => say(socket, { ...hello, version: "99.1.0" }));
  const reached = await reachDaemon(project, undefined);
  expect(reached.ok ? reached.value.pid : reached.error).toEqual({
    code: "daemon-newer",
    sentence: `This project's daemon is prewarm 99.1.0, this command is ${VERSION}.`,
    next: "npm i -D prewarm@99.1.0",
    exit: 69,
  });
});

test.each([
  ["that closes at once", (socket: Socket) => void socket.destroy()],
  ["that sends garbage", (socket: Socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
])("a program %s is no daemon", async (_what, serve) => {
  const project = await listen(serve);
  const { connection } = project;
  expect(connection && (await greet(connection))).toEqual({ kind: "nobody" });
});

test("output is passed on in order, and a daemon that leaves gives no verdict", async () => {
  const project = await listen((socket) => {
    say(socket, hello);
    say(socket, output("one "));
    socket.end(encodeFrame(output("two")));
  });
  const { connection } = project;
  if (connection === undefined) throw new Error("Expected a connection.");
  await greet(connection);
  let text = "";
  const end = await followRun(connection, {
    onOutput: (_stream, bytes) => {
      text += Buffer.from(bytes).toString();
      return true;
    },
  });
  expect({ text, end }).toEqual({ text: "one two", end: { kind: "left", reason: "" } });
});

test("a reader that has gone ends the run", async () => {
  const project = await listen((socket) => {
    say(socket, hello);
    say(socket, output("one"));
  });
  const { connection } = project;
  if (connection === undefined) throw new Error("Expected a connection.");
  await greet(connection);
  expect(await followRun(connection, { onOutput: () => false })).toEqual({ kind: "reader-gone" });
  connection.close();
});
