import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import type { Door } from "../../protocol/door.ts";
import { TestTools, type ToolText } from "./test-tools.ts";

const RUN = {
  description:
    "Runs the project's pytest tests and gives pytest's own verdict, with trimmed reports of what failed. " +
    "After an edit, `selection: affected` runs only what the edit can affect. Failed tests are no error of this tool.",
  inputSchema: z.object({
    selection: z
      .enum(["all", "affected", "failed"])
      .default("all")
      .describe("`affected` by edits since the last run here; `failed` in the last run that they were in"),
    ids: z.array(z.string()).optional().describe("pytest node ids, in place of a selection"),
    path: z.string().optional().describe("a part of the test file's path, in place of a selection"),
    name: z.string().optional().describe("a keyword expression as pytest's -k takes it, in place of a selection"),
  }),
};
const LIST = {
  description: "Lists the node ids of the tests as pytest collects them now.",
  inputSchema: z.object({ path: z.string().optional().describe("a part of the test file's path") }),
  annotations: { readOnlyHint: true },
};
const EXPLAIN = {
  description: "Explains why tests ran or did not after the last edit: all in all, or for one test or source file.",
  inputSchema: z.object({
    about: z.string().default("").describe("a node id, a file relative to the project, or empty"),
  }),
  annotations: { readOnlyHint: true },
};
const FAILURES = {
  description: "The tests that failed in the last run that they were in, whoever ran them, with trimmed reports.",
  inputSchema: z.object({ id: z.string().optional().describe("a part of the node id") }),
  annotations: { readOnlyHint: true },
};
const STATUS = {
  description: "What the test server holds: loaded suites, their checkpoints and their memory.",
  inputSchema: z.object({}),
  annotations: { readOnlyHint: true },
};

/** Answers an agent on standard input and output, until its input ends. */
export function serveAgent(door: Door): void {
  const tools = new TestTools(door);
  serveStdio(() => {
    const server = new McpServer({ name: "prewarm", version: VERSION }, { capabilities: { tools: {} } });
    server.registerTool("run_tests", RUN, async (params, { mcpReq }) => toResult(tools.run(params, mcpReq.signal)));
    server.registerTool("list_tests", LIST, async ({ path }) => toResult(tools.list(path)));
    server.registerTool("explain", EXPLAIN, async ({ about }) => toResult(tools.explain(about)));
    server.registerTool("last_failures", FAILURES, async ({ id }) => toResult(tools.failures(id)));
    server.registerTool("status", STATUS, async () => toResult(tools.status()));
    return server;
  });
}

async function toResult(answer: Promise<ToolText>) {
  const { text, isError } = await answer.catch(
    (error: unknown): ToolText => ({ text: error instanceof Error ? error.message : String(error), isError: true }),
  );
  return { content: [{ type: "text" as const, text }], isError };
}
