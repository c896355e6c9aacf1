import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whether this machine runs on its battery. One without supplies that it tells of is no portable one. */
export function isOnBattery(folder = "/sys/class/power_supply"): boolean {
  const supplies = namesIn(folder).map((name) => ({
    type: read(join(folder, name, "type")),
    scope: read(join(folder, name, "scope")),
    online: read(join(folder, name, "online")),
    status: read(join(folder, name, "status")),
  }));
  // A mouse has a battery, too, of the scope Device.
  const own = supplies.filter(({ scope }) => scope !== "Device");
  if (own.some(({ type, online }) => type !== "Battery" && online === "1")) return false;
  return own.some(({ type, status }) => type === "Battery" && status === "Discharging");
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
