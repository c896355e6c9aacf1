import { expect, test } from "vitest";
import { availableBytes } from "../../../../src/daemon/timelines/available-memory.ts";

const MEBIBYTE = 2 ** 20;
const SYSTEM = "MemTotal:       24681000 kB\nMemFree:  100 kB\nMemAvailable:   1048576 kB\n";

test("what the system has free, where nobody limits it", () => {
  expect(availableBytes(files({ "/proc/meminfo": SYSTEM }))).toBe(1024 * MEBIBYTE);
});

test("what a container has left, its own cached files included", () => {
  const container = files({
    "/proc/meminfo": SYSTEM,
    "/proc/self/cgroup": "0::/app/tests\n",
    "/sys/fs/cgroup/app/memory.max": String(512 * MEBIBYTE),
    "/sys/fs/cgroup/app/memory.current": String(400 * MEBIBYTE),
    "/sys/fs/cgroup/app/memory.stat": `anon 1\ninactive_file ${28 * MEBIBYTE}\n`,
    "/sys/fs/cgroup/app/tests/memory.max": "max\n",
    "/sys/fs/cgroup/app/tests/memory.current": String(300 * MEBIBYTE),
  });
  expect(availableBytes(container)).toBe(140 * MEBIBYTE);
});

test("the first version of control groups", () => {
  const container = files({
    "/proc/meminfo": SYSTEM,
    "/proc/self/cgroup": "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n",
    "/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": String(100 * MEBIBYTE),
    "/sys/fs/cgroup/memory/docker/x/memory.usage_in_bytes": String(120 * MEBIBYTE),
  });
  expect(availableBytes(container)).toBe(0);
});

test("null where the system does not tell", () => {
  expect(availableBytes(files({}))).toBeNull();
});

test("this machine tells", () => {
  if (process.platform === "linux") expect(availableBytes()).toBeGreaterThan(0);
});

function files(texts: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => texts[path];
}
