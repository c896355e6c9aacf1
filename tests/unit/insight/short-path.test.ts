import { expect, test } from "vitest";
import { shortPath } from "../../../src/insight/short-path.ts";

test.for([
  ["/p/src/shop/mail.py", "src/shop/mail.py"],
  ["/p/.venv/lib/python3.12/site-packages/trio/_core.py", "trio/_core.py"],
  ["/usr/lib/python3.12/threading.py", "threading.py"],
  ["/elsewhere/tool.py", "/elsewhere/tool.py"],
])("%s is read as %s", ([path = "", short]) => {
  expect(shortPath(path, "/p")).toBe(short);
});
