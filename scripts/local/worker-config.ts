// What wrangler.toml says about the runtime, so that a local run and a deployed one cannot differ.
// It reads two lines; everything else in that file is wrangler's business.
import { readFileSync } from "node:fs";
import { fault } from "./fault.ts";

export interface RuntimeChoice {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

export function readRuntimeChoice(wranglerTomlPath: string): RuntimeChoice {
  const content = readFileSync(wranglerTomlPath, "utf8");
  const date = /^compatibility_date = "([\d-]+)"$/m.exec(content)?.[1];
  const flags = /^compatibility_flags = \[(.*)\]$/m.exec(content)?.[1];
  if (date === undefined || flags === undefined) {
    throw fault(`${wranglerTomlPath} needs one line each for compatibility_date and compatibility_flags.`);
  }
  const names = [...flags.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
  return { compatibilityDate: date, compatibilityFlags: names };
}
