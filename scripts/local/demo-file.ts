// What a started router tells scripts (demo.json) and people (the banner). Fixed fields: programs
// outside this repository read them. It does not start anything.
import type { DemoAccount } from "./demo-account.ts";
import { isRecord } from "./secrets.ts";
import type { RunningSimulator } from "./simulators.ts";

export const DEMO_FILE = "demo.json";

export interface DemoFile {
  /** Scheme, host and port only, here as in `simulators`. */
  readonly base_url: string;
  readonly dashboard_url: string;
  readonly api_key: string;
  readonly management_key: string;
  readonly account_id: string;
  readonly admin_token: string;
  /** The process to signal. */
  readonly pid: number;
  readonly simulators: readonly {
    readonly region: string;
    readonly base_url: string;
    readonly admin_url: string;
  }[];
}

interface Started {
  readonly baseUrl: string;
  readonly adminToken: string;
  readonly demo: DemoAccount;
  readonly simulators: readonly RunningSimulator[];
}

export function demoFile({ baseUrl, adminToken, demo, simulators }: Started): DemoFile {
  return {
    base_url: baseUrl,
    dashboard_url: `${baseUrl}/`,
    api_key: demo.apiKey,
    management_key: demo.managementKey,
    account_id: demo.accountId,
    admin_token: adminToken,
    pid: process.pid,
    simulators: simulators.map(({ region, baseUrl, adminUrl }) => ({
      region,
      base_url: new URL(baseUrl).origin,
      admin_url: adminUrl,
    })),
  };
}

/** The two fields that tell whether another router uses the same folder. */
export function readDemoFile(value: unknown): Pick<DemoFile, "base_url" | "pid"> | null {
  if (!isRecord(value) || typeof value.pid !== "number" || typeof value.base_url !== "string") return null;
  return URL.canParse(value.base_url) ? { pid: value.pid, base_url: value.base_url } : null;
}

export function banner(demo: DemoFile): string {
  const regions = demo.simulators.map(({ region }) => region).join(", ");
  return [
    "",
    `InferRoute   ${demo.base_url}`,
    `Dashboard    ${demo.dashboard_url}`,
    `Demo key     ${demo.api_key}`,
    `Simulators   ${regions || "off"}`,
    "",
    `  curl -N ${demo.base_url}/api/v1/inference/chat/completions \\`,
    `    -H 'Authorization: Bearer ${demo.api_key}' -H 'Content-Type: application/json' \\`,
    `    -d '{"model":"auto","stream":true,"messages":[{"role":"user","content":"Hello"}]}'`,
    "",
  ].join("\n");
}
