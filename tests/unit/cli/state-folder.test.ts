import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkStateFolder, makeStateFolder, stateFolderOf } from "../../../src/cli/state-folder.ts";
import { makeFolder } from "./temp-folder.ts";

const userId = process.getuid?.() ?? 0;

/** What `agent/prewarm/_state_folder.py` answers too. */
interface Golden {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: number;
  readonly path: string;
  readonly base: string;
  readonly isChosen: boolean;
}

const GOLDEN = JSON.parse(
  readFileSync(new URL("../../../contract/state-folders.json", import.meta.url), "utf8"),
) as readonly Golden[];

test("each root has a folder of its own, below the one that is named", () => {
  const base = makeFolder();
  const shop = stateFolderOf("/home/ada/shop", { PREWARM_STATE_DIR: base }, userId);
  const other = stateFolderOf("/home/bob/shop", { PREWARM_STATE_DIR: base }, userId);
  expect(shop.path).toMatch(new RegExp(`^${base}/shop-[0-9a-f]{16}$`));
  expect(other.path).not.toBe(shop.path);
  expect(stateFolderOf("/home/ada/shop", { PREWARM_STATE_DIR: base }, userId)).toEqual(shop);
});

test("the runtime folder is used where it can be written, else one of the user's own", () => {
  const runtime = makeFolder();
  expect(stateFolderOf("/shop", { XDG_RUNTIME_DIR: runtime }, 7).base).toBe(join(runtime, "prewarm"));
  expect(stateFolderOf("/shop", { XDG_RUNTIME_DIR: join(runtime, "gone"), TMPDIR: "/var/tmp/" }, 7).base).toBe(
    "/var/tmp/prewarm-7",
  );
});

test("the socket's path stays short enough for the system", () => {
  for (const depth of [10, 60, 90, 200]) {
    const base = `/${"x".repeat(depth)}`;
    const folder = stateFolderOf("/home/ada/a-project-with-a-long-name", { PREWARM_STATE_DIR: base }, userId);
    expect(Buffer.byteLength(folder.socket)).toBeLessThanOrEqual(100);
  }
});

test("it is made private, and found again", () => {
  const folder = stateFolderOf("/shop", { PREWARM_STATE_DIR: join(makeFolder(), "a/b") }, userId);
  expect(checkStateFolder(folder, userId)).toEqual({ ok: true, value: "missing" });
  expect(makeStateFolder(folder, userId)).toEqual({ ok: true, value: "there" });
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  expect(checkStateFolder(folder, userId)).toEqual({ ok: true, value: "there" });
});

test.each([
  ["that others can write", (path: string) => chmodSync(path, 0o777), "can be written by others"],
  ["of another user", () => undefined, "belongs to another user"],
])("a folder %s is refused", (what, change, objection) => {
  const folder = stateFolderOf("/shop", { PREWARM_STATE_DIR: makeFolder() }, userId);
  makeStateFolder(folder, userId);
  change(folder.path);
  const checked = checkStateFolder(folder, what === "of another user" ? userId + 1 : userId);
  expect(checked.ok ? checked.value : checked.error).toMatchObject({ code: "state-folder", exit: 77 });
  expect(checked.ok ? "" : checked.error.sentence).toContain(objection);
});

test("a link in the place of the folder is refused", () => {
  const folder = stateFolderOf("/shop", { PREWARM_STATE_DIR: makeFolder() }, userId);
  const elsewhere = makeFolder();
  mkdirSync(join(elsewhere, "target"));
  symlinkSync(join(elsewhere, "target"), folder.path);
  expect(makeStateFolder(folder, userId)).toMatchObject({ ok: false, error: { code: "state-folder" } });
});

test("a folder that cannot be made says why", () => {
  const base = join(makeFolder({ file: "" }), "file", "below");
  const made = makeStateFolder(stateFolderOf("/shop", { PREWARM_STATE_DIR: base }, userId), userId);
  expect(made.ok ? "" : made.error.sentence).toMatch(/cannot be made \(not a directory\)\.$/);
});

test.runIf(process.platform === "linux")("a base where nothing can be made is told at once", () => {
  const made = makeStateFolder(stateFolderOf("/shop", { PREWARM_STATE_DIR: "/proc/prewarm" }, userId), userId);
  expect(made).toMatchObject({ ok: false, error: { code: "state-unwritable" } });
});

test.each(GOLDEN)("the folder of $root is where the pytest plugin looks: $env", ({ root, env, user, ...expected }) => {
  const { path, base, isChosen } = stateFolderOf(root, env, user);
  expect({ path, base, isChosen }).toEqual(expected);
});
