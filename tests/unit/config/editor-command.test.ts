import { expect, test } from "vitest";
import { editorCommand } from "../../../src/config/editor-command.ts";

const place = { file: "/shop/a b.py", line: 7 };

test("the configured editor comes first, then VISUAL, then EDITOR", () => {
  const env = { VISUAL: "subl", EDITOR: "gedit" };
  expect(editorCommand("code --wait", env, place)).toEqual({
    ok: true,
    value: ["code", "--wait", "-g", "/shop/a b.py:7"],
  });
  expect(editorCommand("", env, place)).toEqual({ ok: true, value: ["subl", "/shop/a b.py:7"] });
  expect(editorCommand("", { ...env, VISUAL: " " }, place)).toEqual({
    ok: true,
    value: ["gedit", "+7", "/shop/a b.py"],
  });
  expect(editorCommand("", {}, place)).toMatchObject({
    ok: false,
    error: expect.stringContaining("No editor is named"),
  });
});

test("words are divided as in a shell, which reads none of them", () => {
  const editor = `"/opt/my editor/run.sh" --at='{file}':{line} $HOME; true`;
  expect(editorCommand(editor, {}, place)).toEqual({
    ok: true,
    value: ["/opt/my editor/run.sh", "--at=/shop/a b.py:7", "$HOME;", "true"],
  });
});

test("an editor that is not known gets the file, one that needs a terminal is refused", () => {
  expect(editorCommand("/usr/bin/lined", {}, place)).toEqual({ ok: true, value: ["/usr/bin/lined", "/shop/a b.py"] });
  for (const editor of ["vim", "/usr/bin/nvim -p", "emacs -nw", "emacsclient -t"]) {
    expect(editorCommand("", { EDITOR: editor }, place)).toMatchObject({
      ok: false,
      error: `EDITOR names \`${editor}\`, which needs a terminal: the page has none.`,
    });
  }
});
