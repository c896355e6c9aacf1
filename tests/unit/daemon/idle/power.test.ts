import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isOnBattery } from "../../../../src/daemon/idle/power.ts";

function supplies(all: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pw-power-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, facts] of Object.entries(all)) {
    mkdirSync(join(folder, name));
    for (const [fact, value] of Object.entries(facts)) writeFileSync(join(folder, name, fact), `${value}\n`);
  }
  return folder;
}

const battery = { type: "Battery", status: "Discharging" };

test("a battery that discharges is what the machine runs on, unless a line supplies it", () => {
  expect(isOnBattery(supplies({ BAT0: battery }))).toBe(true);
  expect(isOnBattery(supplies({ BAT0: battery, AC: { type: "Mains", online: "0" } }))).toBe(true);
  expect(isOnBattery(supplies({ BAT0: battery, AC: { type: "Mains", online: "1" } }))).toBe(false);
  expect(isOnBattery(supplies({ BAT0: { type: "Battery", status: "Charging" } }))).toBe(false);
});

test("a machine without supplies is on none, and a mouse's battery is not the machine's", () => {
  expect(isOnBattery(supplies({}))).toBe(false);
  expect(isOnBattery("/nowhere/power_supply")).toBe(false);
  expect(isOnBattery(supplies({ hid: { ...battery, scope: "Device" } }))).toBe(false);
});
