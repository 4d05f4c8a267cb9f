// The simulators' admin door: faults, holds, timing and what they saw. For tests only; the product never
// learns that an origin is simulated.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import type { RequestEntry } from "../../sim/request-log.ts";

export type { RequestEntry };

export interface Simulators {
  fault(fault: object): Promise<void>;
  /** Those under way keep theirs. */
  clearFaults(): Promise<void>;
  hold(held: boolean): Promise<void>;
  timing(timing: object): Promise<void>;
  /** Prompts and other work that regions saw since the last `reset`, oldest first; active checks left out. */
  requests(): Promise<readonly RequestEntry[]>;
  /** No faults, no holds, an empty log. */
  reset(): Promise<void>;
}

/** All regions at once, or those named. */
export function simulators(demo: DemoFile, regions?: readonly string[]): Simulators {
  const chosen = demo.simulators.filter(({ region }) => regions === undefined || regions.includes(region));
  const each = async (method: string, path: string, body?: object) =>
    await Promise.all(chosen.map(({ admin_url }) => call(`${admin_url}/${path}`, method, body)));
  return {
    fault: async (fault) => void (await each("POST", "faults", fault)),
    clearFaults: async () => void (await each("DELETE", "faults")),
    hold: async (held) => void (await each("POST", "hold", { held })),
    timing: async (timing) => void (await each("POST", "timing", timing)),
    requests: async () => {
      const logs = (await each("GET", "requests")) as RequestEntry[][];
      // Checks come in their own time, whatever a test does.
      const work = logs.flat().filter(({ method }) => method !== "GET");
      return work.sort((left, right) => left.started_at - right.started_at);
    },
    reset: async () => {
      await each("DELETE", "faults");
      await each("POST", "hold", { held: false });
      await each("DELETE", "requests");
    },
  };
}

async function call(url: string, method: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: JSON_TYPE };
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

const JSON_TYPE = { "content-type": "application/json" };
