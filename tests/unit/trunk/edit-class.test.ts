import { expect, test } from "vitest";
import { classifyEdit, describeFinding, type FileUse } from "../../../src/trunk/edit-class.ts";

test.each<[string, "created" | "modified" | "deleted", FileUse, string, string]>([
  ["shop/cart.py", "modified", "module", "structural", "edited"],
  ["shop/cart.py", "deleted", "module", "structural", "deleted"],
  ["tests/test_a.py", "modified", "test file", "test file", "edited"],
  ["tests/conftest.py", "modified", "conftest", "configuration", "edited"],
  ["shop/prices.json", "modified", "read", "data", "edited, read while importing"],
  ["pyproject.toml", "modified", "read", "configuration", "edited"],
  ["uv.lock", "created", "unknown", "configuration", "created"],
  ["shop/new.py", "created", "unknown", "structural", "created"],
  ["notes.txt", "modified", "unknown", "data", "edited"],
])("%s, %s, used as %s: %s", (path, kind, use, editClass, what) => {
  expect(classifyEdit({ path, kind }, use, null)).toEqual({ path, kind, class: editClass, what });
});

test("a file that is no source is told by who reads it", () => {
  const words = (kind: "created" | "modified", use: FileUse, module: string, tests: number) =>
    classifyEdit({ path: "shop/rates.json", kind }, use, null, { module, tests }).what;
  expect(words("modified", "read", "shop.tax", 0)).toBe("read by shop.tax at import");
  expect(words("modified", "read", "shop.tax", 1)).toBe("read by shop.tax at import, opened by 1 test");
  expect(words("created", "read", "shop.tax", 0)).toBe("created, read by shop.tax at import");
  expect(words("modified", "unknown", "", 3)).toBe("opened by 3 tests");
});

test("what was found in the file comes first", () => {
  const finding = { class: "body", what: "body of total()", reason: "" } as const;
  const edit = { path: "shop/cart.py", kind: "modified" } as const;
  expect(classifyEdit(edit, "module", finding)).toEqual({ ...edit, class: "body", what: "body of total()" });
});

test("a finding in one line", () => {
  const line = (what: string, reason: string, more: number) =>
    describeFinding("shop/cart.py", { class: "body", what, reason }, more);
  expect(line("body of total()", "", 0)).toBe("shop/cart.py: body of total()");
  expect(line("constant RATE", "constant RATE", 0)).toBe("shop/cart.py: constant RATE");
  expect(line("body of total()", "total() was called", 1)).toBe(
    "shop/cart.py: body of total(), total() was called and 1 more file",
  );
  expect(line("", "", 2)).toBe("shop/cart.py: same content and 2 more files");
});
