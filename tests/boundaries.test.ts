// The import table of the house: which folder may import which, and which npm packages.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const LONGEST_FILE_LINES = 400;

interface Rule {
  /** Folders that may be imported, beside the folder itself. */
  readonly folders: readonly string[];
  /** Npm packages that may be imported. */
  readonly packages: readonly string[];
  /** Whether it may use Node's own modules: what may not runs anywhere. */
  readonly node: boolean;
}

const VOCABULARY = ["src/base", "src/protocol"];

const RULES: Readonly<Record<string, Rule>> = {
  "src/base": { folders: [], packages: ["ignore"], node: true },
  "src/protocol": { folders: ["src/base"], packages: ["zod"], node: false },
  "src/config": { folders: VOCABULARY, packages: ["toml-eslint-parser"], node: true },
  "src/watch": { folders: VOCABULARY, packages: ["@parcel/watcher", "ignore"], node: true },
  "src/sync": { folders: VOCABULARY, packages: [], node: true },
  "src/graph": { folders: VOCABULARY, packages: [], node: true },
  "src/plan": { folders: VOCABULARY, packages: [], node: false },
  "src/trunk": { folders: VOCABULARY, packages: [], node: false },
  "src/worker": { folders: VOCABULARY, packages: [], node: true },
  "src/store": { folders: VOCABULARY, packages: [], node: true },
  "src/report": { folders: VOCABULARY, packages: [], node: false },
  "src/insight": { folders: [...VOCABULARY, "src/report"], packages: [], node: false },
  "src/verify": { folders: [...VOCABULARY, "src/report"], packages: [], node: true },
  "src/surfaces/terminal": { folders: [...VOCABULARY, "src/report"], packages: [], node: true },
  "src/surfaces/files": { folders: [...VOCABULARY, "src/report"], packages: [], node: true },
  "src/surfaces/http": { folders: [...VOCABULARY, "src/report"], packages: ["zod"], node: true },
  "src/surfaces/stdio": { folders: [...VOCABULARY, "src/report"], packages: [], node: true },
  "src/surfaces/mcp": {
    folders: [...VOCABULARY, "src/report"],
    packages: ["@modelcontextprotocol/server", "zod"],
    node: true,
  },
  "src/daemon": {
    folders: [
      ...VOCABULARY,
      "src/config",
      "src/watch",
      "src/sync",
      "src/graph",
      "src/plan",
      "src/trunk",
      "src/worker",
      "src/store",
      "src/report",
      "src/insight",
      "src/verify",
      "src/surfaces",
    ],
    packages: [],
    node: true,
  },
  "src/cli": {
    // Servers on standard input and output run in the command's own process.
    folders: [
      ...VOCABULARY,
      "src/config",
      // A node side is a command, too.
      "src/sync",
      "src/report",
      "src/insight",
      "src/verify",
      "src/surfaces/terminal",
      "src/surfaces/files",
      "src/surfaces/stdio",
      "src/surfaces/mcp",
    ],
    packages: [],
    node: true,
  },
  web: {
    folders: ["src/protocol", "src/report"],
    packages: ["preact", "@preact/signals"],
    node: false,
  },
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const sources = filesBelow(["src", "web"], /\.tsx?$/);

describe("imports", () => {
  test("there is something to check", () => {
    expect(sources.filter((file) => file.startsWith("src/")).length).toBeGreaterThan(0);
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(0);
  });

  test("every folder has its row in the table", () => {
    expect(sources.filter((file) => folderOf(file) === undefined)).toEqual([]);
  });

  test("every import is in the table", () => {
    expect(sources.flatMap(importsOf).map(objectionTo).filter(isText)).toEqual([]);
  });

  test("the table objects to what it does not list", () => {
    const objections = [
      { file: "src/plan/order-tests.ts", specifier: "node:fs" },
      { file: "src/plan/order-tests.ts", specifier: "../worker/agent-process.ts" },
      { file: "src/surfaces/http/server.ts", specifier: "../terminal/colors.ts" },
      { file: "src/cli/main.ts", specifier: "../daemon/main.ts" },
      { file: "src/worker/agent-process.ts", specifier: "zod" },
      { file: "src/base/result.ts", specifier: "../protocol/ids.ts" },
    ].map(objectionTo);
    expect(objections).toEqual([
      "src/plan/order-tests.ts must not use Node's own modules: node:fs",
      "src/plan/order-tests.ts must not import src/worker: ../worker/agent-process.ts",
      "src/surfaces/http/server.ts must not import src/surfaces/terminal: ../terminal/colors.ts",
      "src/cli/main.ts must not import src/daemon: ../daemon/main.ts",
      "src/worker/agent-process.ts must not use the package zod",
      "src/base/result.ts must not import src/protocol: ../protocol/ids.ts",
    ]);
  });

  test("imports of every form are found", () => {
    const text = `
      import { a } from "./a.ts";
      import type {
        B,
      } from './b.ts';
      import "./c.ts";
      export * from "./d.ts";
      const e = await import("./e.ts");
      type F = typeof import("./f.ts");
      // import { not } from "./comment.ts";
      /* import "./comment.ts"; */
    `;
    expect(specifiersIn(text)).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts"]);
  });
});

describe("files", () => {
  test(`none has more than ${LONGEST_FILE_LINES} lines`, () => {
    const files = [...sources, ...filesBelow(["agent"], /\.py$/)];
    const long = files.map((file) => ({ file, lines: read(file).split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > LONGEST_FILE_LINES)).toEqual([]);
  });
});

/** Says what is wrong with an import, or undefined. */
function objectionTo({ file, specifier }: Import): string | undefined {
  const from = folderOf(file);
  const rule = from === undefined ? undefined : RULES[from];
  if (rule === undefined) return `${file} is in no folder of the table`;
  if (specifier.startsWith("node:")) {
    return rule.node ? undefined : `${file} must not use Node's own modules: ${specifier}`;
  }
  if (!specifier.startsWith(".")) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    return rule.packages.includes(name) ? undefined : `${file} must not use the package ${name}`;
  }
  const target = relative(root, resolve(root, dirname(file), specifier));
  const to = folderOf(target) ?? dirname(target);
  const allowed = to === from || rule.folders.some((folder) => to === folder || to.startsWith(`${folder}/`));
  return allowed ? undefined : `${file} must not import ${to}: ${specifier}`;
}

function folderOf(file: string): string | undefined {
  return Object.keys(RULES).find((folder) => file.startsWith(`${folder}/`));
}

function importsOf(file: string): readonly Import[] {
  return specifiersIn(read(file)).map((specifier) => ({ file, specifier }));
}

function specifiersIn(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const pattern = /(?:\bfrom\s+|\bimport\s*\(?\s*)["']([^"'\n]+)["']/g;
  return [...code.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}

function filesBelow(folders: readonly string[], name: RegExp): readonly string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && name.test(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
