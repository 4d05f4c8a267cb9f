import { describe, expect, it } from "vitest";
import { makeKey } from "../src/auth/api-key.ts";
import { compileCatalog } from "../src/catalog/compile.ts";
import { DIALECTS } from "../src/dialects/index.ts";
import type { Admission, Command } from "../src/domain/account-commands.ts";
import type { RequestId, ReservationId } from "../src/domain/ids.ts";
import { room } from "../src/lib/room.ts";
import { accept } from "../src/pipeline.ts";
import { ACCOUNT, fakePorts, NOW_MS, ROWS } from "./management/fake-ports.ts";

const VIEW = { version: 3, modelPool: null, optimizeMode: null, region: null } as const;
const RESERVATION = { id: 7 as ReservationId, heldMicroUsd: 1_000, leaseMs: 60_000 };
const PATH = "/v1/chat/completions";

/** A catalog that can be read so many times, and what was held meanwhile. */
function line(readableTimes = Number.POSITIVE_INFINITY) {
  let held = 0;
  let reads = 0;
  const admit = (command: Extract<Command, { kind: "admit" }>): { readonly ok: true } & Admission => {
    if (command.viewVersion !== VIEW.version) return { ok: true, verdict: "stale", view: VIEW };
    held++;
    return { ok: true, verdict: "admitted", reservation: RESERVATION, limits: {}, queueDepth: 0 };
  };
  const catalog = async () => {
    if (++reads > readableTimes) throw new Error("the catalog cannot be read");
    return compileCatalog(ROWS, 1, NOW_MS);
  };
  return { ports: fakePorts({ admit }, { catalog }), held: () => held, reads: () => reads };
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: object;
}

async function accepting(
  { ports }: ReturnType<typeof line>,
  region: string | null,
  { headers = {}, fields = {} }: Asking = {},
) {
  const dialect = DIALECTS.find(({ bases }) => bases.includes("/v1"));
  const endpoint = dialect?.endpoints.find(({ path }) => PATH.endsWith(path));
  if (dialect === undefined || endpoint === undefined) throw new Error(`nobody speaks ${PATH}`);
  const { raw } = await makeKey(ports, ACCOUNT);
  const request = new Request(`http://localhost${PATH}`, {
    method: "POST",
    headers: { authorization: `Bearer ${raw}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({
      model: "Qwen/Qwen3-14B",
      messages: [{ role: "user", content: "Hi" }],
      ...(region === null ? {} : { routing: { region } }),
      ...fields,
    }),
  });
  const requestId = "req_0000000000000000000001" as RequestId;
  return await accept(ports, { dialect, endpoint, request, path: PATH, requestId, receivedAtMs: NOW_MS });
}

describe("a request that is accepted", () => {
  it.each([
    ["us-east", "us"],
    ["eu-west", "eu"],
    // Nothing is pinned: the account's own.
    [null, "eu"],
  ])("and pinned to %s keeps its texts in %s", async (region, textJurisdiction) => {
    expect(await accepting(line(), region)).toMatchObject({ textJurisdiction, reservation: RESERVATION });
  });

  it("holds nothing before the last thing that can fail has not", async () => {
    const whole = line();
    await accepting(whole, "us-east");
    for (let times = 0; times < whole.reads(); times++) {
      const broken = line(times);
      await expect(accepting(broken, "us-east")).rejects.toThrow("the catalog cannot be read");
      expect(broken.held()).toBe(0);
    }
    expect(whole.held()).toBe(1);
  });
});

describe("a request to an isolate that is full", () => {
  it("is refused before its body is read, and nothing is held", async () => {
    const world = line();
    const door = room({ guests: 1, bytes: 1_000_000 });
    door().enter();
    const full = { ...world, ports: { ...world.ports, room: door() } };
    await expect(accepting(full, null)).rejects.toMatchObject({
      code: "overloaded",
      status: 503,
      details: { retryAfterMs: 2_000 },
    });
    expect(world.held()).toBe(0);
  });
});

describe("a request's name in the response cache", () => {
  const cached = { "x-cache": "read-write" };
  const repeatable = { temperature: 0 };

  async function placeOf(asking: Asking, region: string | null = null) {
    const accepted = await accepting(line(), region, asking);
    if ("replay" in accepted) throw new Error("replayed");
    return accepted.cachePlace;
  }

  it.each<[string, Asking]>([
    ["did not ask for it", { fields: repeatable }],
    ["refused it", { headers: { "x-cache": "off" }, fields: repeatable }],
    ["may be answered otherwise every time", { headers: cached }],
  ])("is not made where it %s", async (_, asking) => {
    expect(await placeOf(asking)).toBeNull();
  });

  it("is made of where it may be sent, too", async () => {
    const asking = { headers: cached, fields: repeatable };
    const places = [
      await placeOf(asking),
      await placeOf(asking, "us-east"),
      await placeOf(asking, "eu-west"),
    ];
    expect(places).not.toContain(null);
    expect(new Set(places).size).toBe(3);
    expect(await placeOf(asking)).toBe(places[0]);
  });

  it("is asked for by a known word: another is refused before anything is held", async () => {
    const world = line();
    const refused = accepting(world, null, { headers: { "x-cache": "on" }, fields: repeatable });
    await expect(refused).rejects.toMatchObject({ code: "invalid_value", details: { param: "x-cache" } });
    expect(world.held()).toBe(0);
  });
});
