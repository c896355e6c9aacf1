// The document that is checked in is the one that is served: after a change of a resource, run this with --update.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EventStream } from "../../../src/surfaces/http/event-stream.ts";
import type { House } from "../../../src/surfaces/http/house.ts";
import { openApi } from "../../../src/surfaces/http/openapi.ts";
import { OwnRuns } from "../../../src/surfaces/http/own-runs.ts";
import { routes } from "../../../src/surfaces/http/routes.ts";
import { RunRegistry } from "../../../src/surfaces/http/run-registry.ts";
import { ServedView } from "../../../src/surfaces/http/served-view.ts";

// Describing asks nothing of the house.
const house = {} as House;
const registry = new RunRegistry(() => 0);
const all = routes({
  ...{ house, registry, runs: new OwnRuns(house, registry), events: new EventStream() },
  view: new ServedView(() => 0),
  document: () => ({}),
});

test("docs/openapi.json is the document of these routes", async () => {
  const file = fileURLToPath(new URL("../../../docs/openapi.json", import.meta.url));
  await expect(`${JSON.stringify(openApi(all), null, 2)}\n`).toMatchFileSnapshot(file);
});

test("every operation has its own name, and every answer its schema", () => {
  const names = all.map(({ operation }) => operation);
  expect(new Set(names).size).toBe(names.length);
  const { components } = openApi(all) as { components: { schemas: Record<string, unknown> } };
  const answers = all.map(({ answer }) => answer).filter((name) => !["text", "events", "document"].includes(name));
  expect(answers.filter((name) => components.schemas[name] === undefined)).toEqual([]);
});
