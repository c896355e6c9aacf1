// Completion as the shells themselves do it.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

/** Asks bash for what it offers for a line that ends where the cursor is. */
const BASH = `
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_prewarm
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** Types a line and a tab into a zsh of its own, until what is expected stands there. */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; autoload -Uz compinit; compinit -D -u; source $1; echo rea''dy"
zpty -r shell out '*ready*'
zpty -w -n shell "$2"$'\\t'
zpty -r shell out "*$3*"
print -r -- found
`;

test.for(["bash", "zsh", "fish"] as const)(
  "%s offers commands, flags and values, and leaves pytest's words alone",
  async (shell, { skip }) => {
    if (!isThere(shell)) skip(`${shell} is not installed`);
    using project = new Project({ "test_a.py": "" });
    await using prewarm = new Prewarm(project);
    const { stdout: script } = await prewarm.command(["completion", shell]).finished;
    const file = project.write("completion", script);
    const ask = async (words: readonly string[]) => {
      const place = { cwd: project.root, env: prewarm.environment() };
      const { exit, stdout, stderr } = await new Command([shell, ...words], place).finished;
      expect([exit, stderr]).toEqual([0, ""]);
      return stdout.split("\n").filter((line) => line !== "");
    };
    if (shell === "zsh") {
      const rows = [
        ["prewarm verif", "prewarm verify"],
        ["prewarm config --js", "prewarm config --json"],
        ["prewarm --dist loadf", "prewarm --dist loadfile"],
        ["prewarm run -- pytest test_", "prewarm run -- pytest test_a.py"],
      ] as const;
      for (const [typed, expected] of rows)
        expect(await ask(["-f", "-c", ZSH, "zsh", file, typed, expected])).toEqual(["found"]);
      return;
    }
    const offered = async (line: string) => {
      if (shell === "bash") return ask(["--norc", "-c", BASH, "bash", file, ...line.split(" ")]);
      return ask(["--no-config", "-c", `source '${file}'; complete -C '${line}'`]);
    };
    expect(await offered("prewarm verif")).toEqual(["verify"]);
    expect(await offered("prewarm config --js")).toEqual(["--json"]);
    expect((await offered("prewarm --dist load")).sort()).toEqual(["load", "loadfile", "loadgroup", "loadscope"]);
    expect((await offered("prewarm run --")).sort()).toContain("--no-daemon");
    expect(await offered("prewarm run --be")).toEqual([]);
    expect(await offered("prewarm run -- --js")).toEqual([]);
  },
);

function isThere(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
