import { inject } from "vitest";

/**
 * Variables under which plain pytest compiles the files of a project anew: Python tells versions of a source apart by whole
 * seconds and size, so that even a cold run can be wrong.
 */
export const COLD_ENVIRONMENT: Readonly<Record<string, string>> = {
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONPYCACHEPREFIX: inject("bytecode"),
};
