import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";

/** What the numbers were measured on, as lines for the table's head. */
export function machineFacts(python: string): readonly string[] {
  const versions = execFileSync(
    python,
    ["-c", "import platform, pytest; print(platform.python_version(), pytest.__version__)"],
    {
      encoding: "utf8",
    },
  );
  const [pythonVersion, pytestVersion] = versions.trim().split(" ");
  return [
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${type()} ${release().split("-")[0] ?? ""}`,
    `Node ${process.versions.node}, Python ${pythonVersion ?? "unknown"}, pytest ${pytestVersion ?? "unknown"}`,
  ];
}
