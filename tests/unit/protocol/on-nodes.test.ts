import { expect, test } from "vitest";
import { parseOn } from "../../../src/protocol/on-nodes.ts";

test.for([
  ["local:3", { kind: "local", count: 3 }],
  ["ssh:one,me@two", { kind: "ssh", hosts: ["one", "me@two"] }],
  ["ray", { kind: "ray", address: "" }],
  ["ray:ray://head:10001", { kind: "ray", address: "ray://head:10001" }],
] as const)("%s is taken", ([text, on]) => {
  expect(parseOn(text)).toEqual(on);
});

test.for([
  "",
  "local",
  "local:0",
  "local:x",
  "local:65",
  "ssh",
  "ssh:",
  "ssh:a,,b",
  "ssh:a,a",
  "ssh:-oProxyCommand=x",
  "slurm:4",
])("%j is refused", (text) => {
  expect(parseOn(text)).toBeUndefined();
});
