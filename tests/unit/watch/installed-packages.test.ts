import { mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { InstalledPackages, siteFolderOf } from "../../../src/watch/installed-packages.ts";
import { TempProject } from "./temp-project.ts";

const LONG_AGO = 1_000_000_000;
const SITE = "lib/python3.12/site-packages";

test.each([
  ["/venv/lib/python3.12/site-packages/numpy/__init__.py", "/venv/lib/python3.12/site-packages"],
  ["/usr/lib/python3/dist-packages/six.py", "/usr/lib/python3/dist-packages"],
  ["/a/site-packages/b/site-packages/c.py", "/a/site-packages/b/site-packages"],
  ["/usr/lib/python3.12/json/__init__.py", null],
  ["/shop/my-site-packages/c.py", null],
  ["/shop/site-packages.py", null],
])("%s lies in %s", (path, folder) => {
  expect(siteFolderOf(path)).toBe(folder);
});

test("nothing installed, nothing changed", () => {
  using site = makeSite();
  const packages = new InstalledPackages();
  const digest = packages.digestOf(site.at(SITE));
  expect(packages.digestOf(site.at(SITE))).toBe(digest);
  expect(new InstalledPackages().digestOf(site.at(SITE))).toBe(digest);
});

test.each<[string, (site: TempProject) => void]>([
  ["a package is installed", (site) => mkdirSync(site.at(`${SITE}/pandas-2.2.0.dist-info`))],
  ["a package is removed", (site) => rmSync(site.at(`${SITE}/numpy-2.0.0.dist-info`), { recursive: true })],
  [
    "a package gets another version",
    (site) => renameSync(site.at(`${SITE}/numpy-2.0.0.dist-info`), site.at(`${SITE}/numpy-2.0.1.dist-info`)),
  ],
  ["the same version is installed again", (site) => reinstall(site, `${SITE}/numpy-2.0.0.dist-info`)],
  ["a folder is put on the path", (site) => site.write(`${SITE}/shop.pth`, "/shop\n")],
  ["a package is linked in the old way", (site) => site.write(`${SITE}/shop.egg-link`, "/shop\n")],
  ["a folder on the path is written anew in place", (site) => site.write(`${SITE}/first.pth`, "/other\n")],
  ["an old package is installed", (site) => mkdirSync(site.at(`${SITE}/six-1.0-py3.12.egg-info`))],
  ["the folder is made anew", (site) => remake(site)],
  ["the folder goes", (site) => rmSync(site.at(SITE), { recursive: true })],
])("it shows when %s", (_, change) => {
  using site = makeSite();
  const packages = new InstalledPackages();
  const digest = packages.digestOf(site.at(SITE));
  change(site);
  expect(packages.digestOf(site.at(SITE))).not.toBe(digest);
});

test("bytecode and modules that nobody installed are no packages", () => {
  using site = makeSite();
  const packages = new InstalledPackages();
  const digest = packages.digestOf(site.at(SITE));
  mkdirSync(site.at(`${SITE}/__pycache__`));
  site.write(`${SITE}/loose.py`, "");
  expect(packages.digestOf(site.at(SITE))).toBe(digest);
});

test("an installer that is still at work is noticed again, though the time of the folder stays the same", () => {
  using site = makeSite();
  const packages = new InstalledPackages();
  const second = Math.floor(Date.now() / 1_000);
  const install = (name: string): string => {
    mkdirSync(site.at(`${SITE}/${name}.dist-info`));
    // As on a file system that knows whole seconds alone.
    utimesSync(site.at(SITE), second, second);
    return packages.digestOf(site.at(SITE));
  };
  expect(install("attrs-24.1.0")).not.toBe(install("certifi-2024.1.1"));
});

/** A folder of packages that were installed long ago. */
function makeSite(): TempProject {
  const site = new TempProject({
    [`${SITE}/numpy/__init__.py`]: "",
    [`${SITE}/numpy-2.0.0.dist-info/METADATA`]: "",
    [`${SITE}/first.pth`]: "/first\n",
  });
  for (const path of [`${SITE}/first.pth`, `${SITE}/numpy-2.0.0.dist-info`, SITE])
    utimesSync(site.at(path), LONG_AGO, LONG_AGO);
  return site;
}

function reinstall(site: TempProject, path: string): void {
  rmSync(site.at(path), { recursive: true });
  mkdirSync(site.at(path));
}

function remake(site: TempProject): void {
  renameSync(site.at(SITE), site.at("old"));
  mkdirSync(site.at(`${SITE}/numpy-2.0.0.dist-info`), { recursive: true });
  for (const path of [`${SITE}/numpy-2.0.0.dist-info`, SITE]) utimesSync(site.at(path), LONG_AGO, LONG_AGO);
}
