// A real sshd on the loopback address, with keys and a configuration of its own: nodes over ssh as people have them.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "../rig/free-port.ts";
import { endDaemonsOf, playedSsh } from "../rig/nodes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const SSHD = "/usr/sbin/sshd";
const ownProgram = fileURLToPath(new URL("../../bin/prewarm.js", import.meta.url));

test("tests run on two hosts of ssh, an edit reaches them, and hosts that refuse are told", async ({ skip }) => {
  if (!existsSync(SSHD)) skip("sshd is not installed");
  const tests = `import os
import pytest
import value


@pytest.mark.parametrize("number", range(20))
def test_number(number):
    assert value.VALUE == 1
    assert "SSH_CONNECTION" in os.environ
`;
  using project = new Project({ "value.py": "VALUE = 1\n", "test_it.py": tests });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const folder = join(prewarm.stateFolder, "ssh");
  using server = await Sshd.start(folder);
  // What a person has in ~/.ssh/config.
  const env = { PREWARM_SSH: playedSsh(folder, `exec ssh -F ${folder}/config "$@"\n`) };
  // Both are this machine, so each has its folder and its daemon by its name.
  const command = `${process.execPath} ${ownProgram} node --folder ${folder}/$PREWARM_HOST`;
  writeFileSync(join(folder, "node"), `#!/bin/sh\nexec env PREWARM_STATE_DIR=${prewarm.stateFolder} ${command}\n`, {
    mode: 0o755,
  });
  const flags = ["--on", "ssh:one,two", "--node-command", join(folder, "node")];
  try {
    const first = await prewarm.run([], { flags, env });
    expect(first.stderr).toBe("");
    expect(first.exit).toBe(0);
    expect(first.stdout).toContain("20 passed");
    project.write("value.py", "VALUE = 2\n");
    const edited = await prewarm.run([], { flags, env });
    expect(edited.exit).toBe(1);
    expect(edited.stdout).toContain("20 failed");
    server.stop();
    const refused = await prewarm.run([], { flags: [...flags, "--allow-differences"], env });
    expect(refused.exit).toBe(69);
    expect(refused.stderr).toContain("error[node-unreachable]");
    expect(refused.stderr).toContain("Connection refused");
  } finally {
    endDaemonsOf(prewarm, folder);
  }
});

/** An sshd for one key, in a folder; `one` and `two` are names of it. */
class Sshd implements Disposable {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(folder: string): Promise<Sshd> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const port = await freePort();
    for (const key of ["host", "person"]) {
      const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
      expect(made.status).toBe(0);
    }
    const settings = [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${folder}/host`, "PidFile none"],
      ...[`AuthorizedKeysFile ${folder}/person.pub`, "PasswordAuthentication no", "UsePAM no", "StrictModes no"],
      ...["PermitRootLogin prohibit-password", "AcceptEnv PREWARM_HOST"],
    ];
    writeFileSync(join(folder, "sshd_config"), `${settings.join("\n")}\n`);
    const hosts = ["one", "two"].map((name) => `Host ${name}\n  SetEnv PREWARM_HOST=${name}\n`);
    const all = [
      ...["Host *", `  HostName 127.0.0.1`, `  Port ${port}`, `  User ${userInfo().username}`],
      ...[`  IdentityFile ${folder}/person`, "  IdentitiesOnly yes", "  StrictHostKeyChecking no"],
      ...[`  UserKnownHostsFile ${folder}/known`, "  LogLevel ERROR"],
    ];
    writeFileSync(join(folder, "config"), `${hosts.join("")}${all.join("\n")}\n`);
    // The folder into which it locks what has no rights yet; Debian makes it at the start of the machine.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const child = spawn(SSHD, ["-D", "-e", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
    const server = new Sshd(child);
    // It tells nobody that it listens.
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`Expected an sshd, but it ended with ${child.exitCode}.`);
      await pause(10);
    }
    return server;
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("data", () => resolve(true));
  socket.once("error", () => resolve(false));
  socket.once("close", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
