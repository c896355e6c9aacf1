import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IdleTimer, removeLeftovers } from "../../../src/daemon/lifecycle.ts";
import { TempProject } from "../watch/temp-project.ts";

const TTL_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a daemon that nobody uses leaves when its time is over", () => {
  const onIdle = vi.fn();
  new IdleTimer(() => TTL_MS, onIdle);
  vi.advanceTimersByTime(TTL_MS - 1);
  expect(onIdle).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onIdle).toHaveBeenCalledOnce();
});

test("it stays while something is under way, and its time begins anew afterwards", () => {
  const onIdle = vi.fn();
  const timer = new IdleTimer(() => TTL_MS, onIdle);
  vi.advanceTimersByTime(TTL_MS - 1);
  const end = timer.begin();
  vi.advanceTimersByTime(10 * TTL_MS);
  end();
  vi.advanceTimersByTime(TTL_MS - 1);
  expect(onIdle).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onIdle).toHaveBeenCalledOnce();
});

test("it stays until the last of several things has ended, each of them once", () => {
  const onIdle = vi.fn();
  const timer = new IdleTimer(() => TTL_MS, onIdle);
  const [first, second] = [timer.begin(), timer.begin()];
  first();
  first();
  vi.advanceTimersByTime(10 * TTL_MS);
  expect(onIdle).not.toHaveBeenCalled();
  second();
  vi.advanceTimersByTime(TTL_MS);
  expect(onIdle).toHaveBeenCalledOnce();
});

test("a timer that was stopped calls nobody", () => {
  const onIdle = vi.fn();
  new IdleTimer(() => TTL_MS, onIdle).stop();
  vi.advanceTimersByTime(10 * TTL_MS);
  expect(onIdle).not.toHaveBeenCalled();
});

test("a time that is longer than a timer can be is long, and not none at all", () => {
  const onIdle = vi.fn();
  new IdleTimer(() => 365 * 24 * 3_600_000, onIdle);
  vi.advanceTimersByTime(24 * 24 * 3_600_000);
  expect(onIdle).not.toHaveBeenCalled();
});

test("what a killed daemon has left goes, what belongs to the next one stays", () => {
  const kept = ["lock.db", "daemon.log", "daemon.pid", "alive", "notes.out", "t1.txt"];
  const left = ["daemon.sock", "agent.sock", "stream.sock", "t1.out", "t1.1.2.err", "c14.out", "t4-1504e4bc.1.err"];
  using state = new TempProject(Object.fromEntries([...kept, ...left].map((name) => [name, ""])));
  removeLeftovers(state.root);
  expect(readdirSync(state.root).sort()).toEqual(kept.sort());
  removeLeftovers(state.root);
  expect(existsSync(state.at("lock.db"))).toBe(true);
});
