import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AgentMessage } from "../../../src/protocol/agent-messages.ts";
import { encodeFrame } from "../../../src/protocol/frames.ts";
import { AgentServer } from "../../../src/worker/agent-server.ts";
import { interpreter } from "../../rig/interpreter.ts";
import { messages } from "../protocol/golden-messages.ts";
import { Inbox } from "../watch/inbox.ts";

const [hello] = messages.hello;

test("a process that is known gets in with its hello, and is not cut off", async () => {
  await using door = await Door.open();
  const socket = await door.connect("agent.sock");
  socket.write(frameOf(hello));
  expect(await door.hellos.next()).toEqual(hello.id);
  socket.end();
  await once(socket, "close");
});

test.each([
  ["of another version", frameOf({ ...hello, protocol: hello.protocol + 1 })],
  ["that nobody waits for", frameOf({ ...hello, id: "stranger" })],
  ["that does not introduce itself", frameOf({ type: "leading" })],
  ["that says no message", Buffer.from("hello\n\n\n\n")],
])("a process %s is dropped", async (_, bytes) => {
  await using door = await Door.open();
  const socket = await door.connect("agent.sock");
  socket.write(bytes);
  await once(socket, "close");
});

test.each([
  ["at once", ["l1 stdout\ndots"]],
  ["in pieces", ["l1 std", "out\nd", "ots"]],
  ["with a header of its own", ["l1 stdout\n", "dots"]],
])("a stream begins with its header, and loses nothing: %s", async (_, pieces) => {
  await using door = await Door.open();
  const socket = await door.connect("stream.sock");
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  socket.end();
  const { id, stream, text } = await door.streams.next();
  expect({ id, stream, text: await text }).toEqual({ id: "l1", stream: "stdout", text: "dots" });
});

test.each(["stranger stdout\n", "l1 stdin\n", "l1\n", "\n", `${"x".repeat(300)}`])(
  "a stream of nobody is dropped: %j",
  async (header) => {
    await using door = await Door.open();
    const socket = await door.connect("stream.sock");
    socket.write(header);
    await once(socket, "close");
    expect(door.streams.all).toEqual([]);
  },
);

function frameOf(message: AgentMessage): Uint8Array {
  return encodeFrame(message);
}

/** A server with a door that knows the golden process, and the streams of `l1`. */
class Door implements AsyncDisposable {
  readonly hellos = new Inbox<string>();
  readonly streams = new Inbox<{ id: string; stream: string; text: Promise<string> }>();
  readonly #folder = mkdtempSync(join(tmpdir(), "pw-"));
  readonly #server = new AgentServer({
    onHello: ({ id }) => {
      this.hellos.put(id);
      return id === hello.id;
    },
    onStream: (id, stream, socket) => {
      if (id === "l1") this.streams.put({ id, stream, text: textOf(socket) });
      return id === "l1";
    },
  });
  readonly #sockets: Socket[] = [];

  static async open(): Promise<Door> {
    const door = new Door();
    // The first Python process makes it, before it says hello.
    execFileSync(interpreter, ["-c", "import os, sys; os.mkfifo(sys.argv[1])", join(door.#folder, "alive")]);
    await door.#server.listen(door.#folder);
    return door;
  }

  async connect(name: string): Promise<Socket> {
    const socket = connect(join(this.#folder, name));
    this.#sockets.push(socket);
    socket.on("error", () => socket.destroy());
    socket.resume();
    await once(socket, "connect");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks).toString();
}
