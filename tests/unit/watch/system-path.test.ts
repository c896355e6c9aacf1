import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FileStates } from "../../../src/watch/file-states.ts";
import { contentHash, statSignature } from "../../../src/watch/fingerprint.ts";
import { systemPath } from "../../../src/watch/system-path.ts";
import { TempProject } from "./temp-project.ts";

test.each(["/shop/cart.py", "/shop/naïve 日本 🐍.py", "", "/\uFFFD"])(
  "a path that is text stays as it is: %j",
  (path) => {
    expect(systemPath(path)).toBe(path);
  },
);

test("bytes that are no text become what they are on disk", () => {
  expect(systemPath("/é🐍\udce9\udc80\udcff.py")).toEqual(
    Buffer.concat([Buffer.from("/é🐍"), Buffer.of(0xe9, 0x80, 0xff), Buffer.from(".py")]),
  );
});

test.runIf(process.platform === "linux")("a file with such a name is found, read, and seen to change", () => {
  using project = new TempProject();
  const path = project.at("caf\udce9.json");
  writeFileSync(systemPath(path), "{}");
  const { mtimeNs = 0n, size = -1, ino = 0n, ctimeNs = 0n } = statSignature(path) ?? {};
  const used = { path, mtimeNs: `${mtimeNs}`, size, ino: `${ino}`, ctimeNs: `${ctimeNs}` };
  const states = new FileStates();
  expect(contentHash(path)).toMatch(/^44136fa355b3678a/);
  expect(states.isSame(used)).toBe(true);
  writeFileSync(systemPath(path), "{ }");
  states.refresh();
  expect([states.isSame(used), states.kindOfChange(used)]).toEqual([false, "modified"]);
});
