// The regions that traces are replayed on: unlike in size and age, as fleets are, and one of them has a bad time.
import { connectApi, expectSuccess } from "../../scripts/local/api.ts";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { DEFAULT_TIMING } from "../gpu.ts";

export const MODEL = "Qwen/Qwen3-14B";

export interface Place {
  readonly region: string;
  /** Requests decoded at once; the catalog says the same. */
  readonly slots: number;
  /** Of the newest cards' speed. */
  readonly speed: number;
}

/** Sized so that the conversation trace takes about four fifths of what they can do together. */
export const FLEET: readonly Place[] = [
  { region: "us-east", slots: 14, speed: 1 },
  { region: "eu-west", slots: 10, speed: 0.75 },
  { region: "ap-south", slots: 6, speed: 0.5 },
];

/** The largest region becomes this much slower for a fifth of the time: a neighbour on its cards. */
const TROUBLED = "us-east";
const TROUBLE_FACTOR = 0.5;
export const TROUBLE = { fromShare: 0.4, toShare: 0.6 } as const;

/** Tokens that one event of the simulator stands for: the same times with fewer events. */
export const TOKENS_PER_EVENT = 16;

export interface Clock {
  /** Milliseconds of the trace that pass in one of ours. */
  readonly speedUp: number;
}

/** Sets the pace of every region. */
export async function setPace(demo: DemoFile, clock: Clock, isTroubled: boolean): Promise<void> {
  for (const { region, admin_url } of demo.simulators) {
    const place = FLEET.find((one) => one.region === region);
    if (place === undefined) throw new Error(`there is no region ${region} in the fleet`);
    const speed = place.speed * (isTroubled && region === TROUBLED ? TROUBLE_FACTOR : 1);
    const body = JSON.stringify({
      scale: 1 / (clock.speedUp * speed),
      slots: place.slots,
      decodeBaseMs: DEFAULT_TIMING.decodeBaseMs * TOKENS_PER_EVENT,
      decodeMsPerB: DEFAULT_TIMING.decodeMsPerB * TOKENS_PER_EVENT,
    });
    const answer = await fetch(`${admin_url}/timing`, { method: "POST", body });
    if (!answer.ok) throw new Error(`the simulator refused its timing: ${await answer.text()}`);
  }
}

/** The catalog says how much each origin takes at once, as an operator would. */
export async function tellSlots({ base_url, admin_token }: DemoFile): Promise<void> {
  const api = connectApi(base_url);
  const path = "/api/v1/admin/catalog";
  const stored = await api({ method: "GET", path, bearer: admin_token });
  expectSuccess(stored);
  const catalog = stored.body as { readonly origins: readonly { readonly region: string }[] }; // by its own schema
  const origins = catalog.origins.map((origin) => ({
    ...origin,
    max_concurrency: FLEET.find(({ region }) => region === origin.region)?.slots ?? 1,
  }));
  expectSuccess(await api({ method: "PUT", path, bearer: admin_token, body: { ...catalog, origins } }));
}
