import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readGitSigns } from "../../../src/watch/git-signs.ts";
import { TempProject } from "./temp-project.ts";

test("what differs from the last commit, and the files of each commit, the newest first", async () => {
  using project = new TempProject();
  git(project, "init", "-q");
  commit(project, { "app.py": "1", "models.py": "1" });
  commit(project, { "app.py": "2", "tests/test ä.py": "1" });
  project.write("models.py", "2");
  project.write("new.py", "");
  expect(await readGitSigns(project.root)).toEqual({
    changed: new Set([project.at("models.py"), project.at("new.py")]),
    commits: [
      [project.at("app.py"), project.at("tests/test ä.py")],
      [project.at("app.py"), project.at("models.py")],
    ],
  });
});

test("a project in a folder of its repository: only what lies in it", async () => {
  using repository = new TempProject();
  git(repository, "init", "-q");
  commit(repository, { "backend/app.py": "1", "frontend/app.js": "1" });
  commit(repository, { "frontend/app.js": "2" });
  const edited = repository.write("backend/app.py", "2");
  repository.write("frontend/app.js", "3");
  expect(await readGitSigns(repository.at("backend"))).toEqual({ changed: new Set([edited]), commits: [[edited]] });
});

test("no commit yet, no repository, and no folder", async () => {
  using project = new TempProject();
  expect(await readGitSigns(project.root)).toBeNull();
  expect(await readGitSigns(join(project.root, "gone"))).toBeNull();
  git(project, "init", "-q");
  const path = project.write("app.py", "");
  expect(await readGitSigns(project.root)).toEqual({ changed: new Set([path]), commits: [] });
});

function commit(project: TempProject, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  git(project, "add", "-A");
  git(project, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "step");
}

function git({ root }: TempProject, ...words: readonly string[]): void {
  execFileSync("git", ["-C", root, ...words], { stdio: ["ignore", "ignore", "inherit"] });
}
