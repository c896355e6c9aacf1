// Strangers connect to the daemon's sockets while a test runs: the run neither ends nor says anything else.
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AgentMessage, PROTOCOL_VERSION } from "../../src/protocol/agent-messages.ts";
import { encodeFrame, MAX_FRAME_BYTES } from "../../src/protocol/frames.ts";
import { type FinishedRun, Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { WireClient } from "../rig/wire-client.ts";

const PUPPETS = {
  "puppet.py": PUPPET_MODULE,
  "test_puppet.py":
    "import puppet\n\n\ndef test_puppet():\n    puppet.play('test')\n\n\ndef test_fails():\n    print('text')\n    assert False\n",
};
// Nobody has it: what is told to kill this process harms nobody.
const NO_PID = 2 ** 22 + 1;

const GARBAGE: readonly (Uint8Array | string)[] = [
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "\n".repeat(1000),
  Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31 + 200) & 255),
  header(0),
  header(MAX_FRAME_BYTES + 1),
  header(0xffffffff),
  Buffer.concat([header(4), Buffer.from("null")]),
  Buffer.concat([header(10), Buffer.from('{"type":1}')]),
  Buffer.concat([header(3), Buffer.from([0xff, 0xfe, 0xfd])]),
  nested(200),
  encodeFrame({ type: "no-such-message" }),
];

test("garbage on any socket is dropped, and a run does not notice", async () => {
  await duringRun(async (sockets) => {
    for (const socket of Object.values(sockets)) {
      for (const bytes of GARBAGE) {
        using stranger = await WireClient.connect(socket);
        stranger.sendBytes(bytes);
        // A stream begins with a line of text, so it waits for the end of the line.
        if (socket !== sockets.stream) await stranger.closed;
      }
    }
  });
});

test("halves of frames, and more connections than anybody needs", async () => {
  await duringRun(async (sockets) => {
    using strangers = new DisposableStack();
    for (const socket of Object.values(sockets)) {
      for (let count = 0; count < 50; count += 1) {
        const stranger = strangers.use(await WireClient.connect(socket));
        stranger.sendBytes(header(MAX_FRAME_BYTES).subarray(0, count % 5));
        if (count % 5 === 4) stranger.sendBytes("{".repeat(count * 1000));
      }
    }
  });
});

test("a stranger that says nothing, or says it for ever, is dropped", async () => {
  await duringRun(async (sockets) => {
    using strangers = new DisposableStack();
    const silent: WireClient[] = [];
    for (const socket of Object.values(sockets)) {
      silent.push(strangers.use(await WireClient.connect(socket)));
      const slow = strangers.use(await WireClient.connect(socket));
      slow.sendBytes(header(1000));
      const timer = setInterval(() => slow.sendBytes(" "), 100);
      strangers.defer(() => clearInterval(timer));
      silent.push(slow);
    }
    for (const stranger of silent) await stranger.closed;
  }, false);
});

test("a process that claims to be one of ours is not believed", async () => {
  await duringRun(async (sockets, prewarm) => {
    const { trunks } = await prewarm.status();
    const parked = trunks.flatMap(({ checkpoints }) => checkpoints.map(({ id }) => id));
    const guesses = ["t", "r", "l", "s", "c"].flatMap((letter) =>
      Array.from({ length: 12 }, (_, n) => `${letter}${n}`),
    );
    for (const id of ["", "unknown", "../../x", ...parked, ...guesses]) {
      for (const role of ["trunk", "leader"] as const) {
        using stranger = await WireClient.connect(sockets.agent);
        stranger.sendBytes(hello({ role, id }));
        const end: AgentMessage = { type: "ended", exit: 0, newFiles: 0 };
        stranger.sendBytes(encodeFrame(end));
        await stranger.closed;
      }
      for (const stream of ["stdout", "stderr", "stdin"]) {
        using stranger = await WireClient.connect(sockets.stream);
        stranger.sendBytes(`${id} ${stream}\ninjected\n`);
        await stranger.closed;
      }
    }
    using older = await WireClient.connect(sockets.agent);
    older.sendBytes(hello({ protocol: 0 }));
    await older.closed;
  });
});

test("a request that cannot be served fails alone", async () => {
  await duringRun(async (sockets, prewarm, project) => {
    const requester = { pid: NO_PID, cwd: project.root, env: {}, umask: 0o22, terminals: {} };
    const launch = { python: "/no/such/python", script: "pytest", isModule: false, args: [] };
    const hostile = [
      { launch, requester },
      { launch: { ...launch, python: "" }, requester },
      { launch: { ...launch, python: "zero\0byte" }, requester },
      { launch, requester: { ...requester, cwd: "/no/such/folder" } },
      { launch, requester: { ...requester, env: { "a=b\0": "c\0" } } },
    ];
    for (const each of hostile) {
      using stranger = await WireClient.connect(sockets.daemon);
      stranger.send({
        type: "run",
        ...each,
        watch: false,
        all: false,
        events: true,
        native: true,
        plain: "",
        workers: { count: "", dist: "" },
      });
      const { problem } = await stranger.answer("finished");
      expect(problem?.code).toMatch(/no-python|path-missing/);
    }
    using stranger = await WireClient.connect(sockets.daemon);
    stranger.send({ type: "interrupt" });
    stranger.send({ type: "status" });
    expect((await stranger.answer("status")).status.pid).toBe((await prewarm.status()).pid);
  });
});

test("strangers before the first run", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  await prewarm.command(["restart"]).finished;
  const { pid } = await prewarm.status();
  using stranger = await WireClient.connect(join(prewarm.daemonFolder, "agent.sock"));
  stranger.sendBytes(hello({}));
  await stranger.closed;
  const run = prewarm.start();
  (await puppets.next()).say("pass");
  expect((await run.finished).exit).toBe(1);
  expect((await prewarm.status()).pid).toBe(pid);
});

interface Sockets {
  readonly daemon: string;
  readonly agent: string;
  readonly stream: string;
}

/** Does something while a test runs, in a cold run and in a warm one, and compares both with a run left alone. */
async function duringRun(
  act: (sockets: Sockets, prewarm: Prewarm, project: Project) => Promise<void>,
  isAbusedCold = true,
): Promise<void> {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const runs: FinishedRun[] = [];
  for (const isAbused of [isAbusedCold, true, false]) {
    const run = prewarm.start(["-p", "no:cacheprovider"]);
    const puppet = await puppets.next();
    const folder = prewarm.daemonFolder;
    const [daemon, agent, stream] = ["daemon", "agent", "stream"].map((name) => join(folder, `${name}.sock`));
    if (isAbused && daemon && agent && stream) await act({ daemon, agent, stream }, prewarm, project);
    puppet.say("pass");
    runs.push(await run.finished);
  }
  const [cold, warm, alone] = runs.map((run) => ({
    ...run,
    stdout: run.stdout.replace(/=+ (.*) in [\d.]+s =+/, "$1"),
  }));
  expect(alone).toMatchObject({
    exit: 1,
    outcomes: { "test_puppet.py::test_puppet": "passed", "test_puppet.py::test_fails": "failed" },
  });
  expect(cold).toEqual(alone);
  expect(warm).toEqual(alone);
}

function hello(claims: Partial<Extract<AgentMessage, { type: "hello" }>>): Uint8Array {
  return encodeFrame({
    type: "hello",
    protocol: PROTOCOL_VERSION,
    role: "leader",
    id: "unknown",
    pid: NO_PID,
    ...claims,
  });
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

function nested(depth: number): Buffer {
  const body = Buffer.from(`{"type":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  return Buffer.concat([header(body.length), body]);
}
