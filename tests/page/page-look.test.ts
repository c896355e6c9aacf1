// Whoever sees little, sees no colours or has no mouse: contrast as it is computed in Chromium, and all of it by keys.
import { expect, test } from "vitest";
import { OpenPage } from "../rig/browser.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FILES = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "shop.py": "def total():\n    return 3\n\n\ndef tax():\n    return 1\n",
  "tests/test_cart.py": `
import pytest
import shop


def test_total():
    print("counting")
    assert {"total": shop.total()} == {"total": 4}


@pytest.fixture
def broken():
    raise OSError("no set-up")


def test_error(broken): pass
def test_skip(): pytest.skip("no")
@pytest.mark.xfail
def test_xfail(): assert 0
@pytest.mark.xfail
def test_xpass(): pass
def test_passes(): pass
`,
  "tests/test_mail.py": "def test_sent(): pass\n",
};

const poll = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 60_000 });

/**
 * The texts of the page that have less contrast than WCAG asks for at level AA: 4.5, and 3 where letters are large. It is
 * executed in the page. A ground that is drawn in stripes counts with the stripe that is worst.
 */
const TOO_FAINT = `(() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = (/rgba?\\(([^)]*)\\)/.exec(text) ?? ["", "0,0,0,0"])[1].split(/[ ,/]+/).map(Number);
    return { r, g, b, a };
  };
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(each);
      const stripes = backgroundImage.match(/rgba?\\([^)]*\\)/g) ?? [];
      if (stripes.length > 0) return stripes.map(parse);
      if (parse(backgroundColor).a > 0) return [parse(backgroundColor)];
    }
    return [{ r: 255, g: 255, b: 255 }];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (text === "" || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = parse(element instanceof SVGElement ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const worst = Math.min(...grounds(element).map((ground) => contrast(ink, ground)));
    if (worst < (isLarge ? 3 : 4.5)) faint.push(worst.toFixed(2) + " " + text);
  }
  return faint;
})()`;

/** What has the focus, and whether that is seen. It is executed in the page. */
const FOCUS = `(() => {
  const { activeElement } = document;
  const row = document.getElementById(activeElement?.getAttribute("aria-activedescendant") ?? "");
  const seen = activeElement === document.body ? "" : activeElement?.matches(":focus-visible") ? "" : "unseen ";
  return seen + (row?.querySelector(".name")?.textContent ?? activeElement?.id ?? "");
})()`;

test("every text can be read, light and dark, wide and narrow", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"], ["-n", "2"]);
  const { page } = opened;
  await opened.verdict("all 7 ran");
  // Unaffected, and with an edit line.
  project.write("shop.py", FILES["shop.py"].replace("return 1", "return 2"));
  await opened.verdict("affected");
  await page.keyboard.press("n");
  await page.getByRole("tabpanel").getByText("assert {'total': 3}").first().waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 480]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      for (const view of ["tests", "run", "trunk", "history"]) {
        await page.keyboard.press(String(["tests", "run", "trunk", "history"].indexOf(view) + 1));
        await page.locator(`#view-${view}[aria-current]`).waitFor();
        expect(await page.evaluate(TOO_FAINT), `${view}, ${colorScheme}, ${width}`).toEqual([]);
      }
    }
  }
  // It does look at texts: none has the contrast of black on white with grey beside it.
  expect(await page.evaluate(TOO_FAINT.replace("4.5", "20"))).not.toEqual([]);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "keys" }).waitFor();
  expect(await page.evaluate(TOO_FAINT)).toEqual([]);
});

test("a failure is found, read, run again and explained without a mouse, and the focus is seen at every step", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  await using opened = await OpenPage.ui(prewarm, ["tests"]);
  const { page } = opened;
  await opened.verdict("all 7 ran");
  const press = async (key: string, focus: string) => {
    await page.keyboard.press(key);
    await poll(() => page.evaluate(FOCUS)).toBe(focus);
  };
  await press("/", "search");
  await page.keyboard.type("total");
  await poll(() => opened.rows()).toEqual(["1 ✗ tests", "2 ✗ test_cart.py", "3 ✗ test_total"]);
  await press("Enter", "tree");
  await press("End", "test_total");
  await press("Enter", "detail");
  await page.getByRole("tabpanel").getByText("assert {'total': 3}").first().waitFor();
  // Its buttons, then the tabs, of which one is in the order of Tab.
  await press("Tab", "");
  expect(await page.evaluate("document.activeElement.textContent")).toContain("Run");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await press("Tab", "tab-Failure");
  await press("ArrowRight", "tab-Source");
  await press("Tab", "tab-panel");
  await press("Escape", "test_total");

  await press("r", "test_total");
  await opened.verdict("1 failed of 1 chosen");
  await press("w", "test_total");
  await page.getByRole("tab", { name: "Why", selected: true }).waitFor();
  await press("3", "view-trunk");
  await page.getByRole("cell", { name: "the tip" }).waitFor();
  await press("Escape", "test_total");
  await page.reload();
  await page.getByRole("tab", { name: "Why", selected: true }).waitFor();
  await poll(() => opened.selected()).toBe("test_total");
  expect(await page.getByRole("searchbox").inputValue()).toBe("total");

  // In a narrow window the detail is in the place of the tree, and leads back to it.
  await page.setViewportSize({ width: 480, height: 800 });
  await page.getByRole("tree").waitFor({ state: "hidden" });
  await press("1", "detail");
  await press("Escape", "tree");
  await page.getByRole("tree").waitFor();
  expect(opened.faults).toEqual([]);
});
