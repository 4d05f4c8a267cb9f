import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { findFreePorts, isPortFree, LOOPBACK, waitUntilPortFree } from "../../scripts/local/ports.ts";
import { startServer, type TestServer } from "../support/server.ts";

let stateDir = "";
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), "contract-"));
});
afterAll(() => rmSync(stateDir, { recursive: true, force: true, maxRetries: 10 }));

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const portOf = (url: string) => Number(new URL(url).port);

interface Read {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function readJson(url: string, key: string): Promise<Read> {
  const response = await fetch(url, bearer(key));
  // Every answer that is read here is a JSON object; its fields are what the tests look at.
  return { status: response.status, body: (await response.json()) as Read["body"] };
}

async function originBases(demo: DemoFile): Promise<readonly string[]> {
  const { body } = await readJson(`${demo.base_url}/api/v1/admin/catalog`, demo.admin_token);
  // The operator API shows the rows of the catalog file.
  const origins = body.origins as readonly { base_url: string }[];
  return [...new Set(origins.map(({ base_url }) => new URL(base_url).origin))].toSorted();
}

async function chat(demo: DemoFile): Promise<number> {
  const response = await fetch(`${demo.base_url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${demo.api_key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", max_tokens: 4, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.status;
}

/** The one line a refused start printed; fails when it started. */
async function refusal(env: Record<string, string>): Promise<string> {
  const started = startServer({ env, stateDir: env.STATE_DIR ?? join(stateDir, "refused") });
  const error: unknown = await started.then(
    async (server) => server.stop().then(() => null),
    (reason: unknown) => reason,
  );
  const [head = "", ...lines] = error instanceof Error ? error.message.trim().split("\n") : [];
  expect(head).toBe("npm start ended with 1:");
  // Requests of the set-up itself may have been logged before the refusal.
  const printed = lines.filter((line) => !line.startsWith("{"));
  expect(printed).toHaveLength(1);
  return printed[0] ?? "";
}

describe("demo.json", () => {
  const demo = inject("demo");

  test("has exactly the promised fields", () => {
    expect(Object.keys(demo).toSorted()).toEqual([
      "account_id",
      "admin_token",
      "api_key",
      "base_url",
      "dashboard_url",
      "management_key",
      "pid",
      "simulators",
    ]);
    expect(demo.base_url).toMatch(/^http:\/\/[\d.]+:\d+$/);
    expect(demo.simulators).toHaveLength(3);
    for (const simulator of demo.simulators) {
      expect(Object.keys(simulator).toSorted()).toEqual(["admin_url", "base_url", "region"]);
    }
    expect(new Set(demo.simulators.map(({ region }) => region)).size).toBe(3);
  });

  test("its key infers, its account is unlimited and has credits, its token operates", async () => {
    expect(await chat(demo)).toBe(200);
    const key = await readJson(`${demo.base_url}/api/v1/inference/key`, demo.api_key);
    expect(key).toMatchObject({ status: 200, body: { scopes: ["inference", "jobs", "usage:read"] } });
    const credits = await readJson(`${demo.base_url}/api/v1/inference/credits`, demo.management_key);
    expect(credits.body.balance_usd).toBeGreaterThan(900);
    expect((await readJson(`${demo.base_url}/api/v1/admin/catalog`, demo.admin_token)).status).toBe(200);
  });

  test("its simulators take faults", async () => {
    for (const { admin_url } of demo.simulators) {
      expect((await fetch(`${admin_url}/faults`)).status).toBe(200);
    }
  });
});

describe("a router of its own", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ stateDir: join(stateDir, "own") });
  });
  afterAll(() => server.stop("SIGKILL"));

  test("SIGKILL ends its children within a second; it starts again at once with the same keys", async () => {
    const before = server.demo;
    const ports = [before.base_url, ...before.simulators.map(({ base_url }) => base_url)].map(portOf);
    process.kill(before.pid, "SIGKILL");
    for (const port of ports) expect(await waitUntilPortFree(port, 1_000)).toBe(true);
    server = await server.restart();
    expect(server.demo).toEqual({ ...before, pid: server.demo.pid });
    expect(await chat(server.demo)).toBe(200);

    // And without any pause in between.
    const again = await server.restart("SIGKILL");
    expect(again.demo).toEqual({ ...before, pid: again.demo.pid });
    server = again;
  });

  test("secrets and keys are readable by their owner only", () => {
    for (const name of ["secrets.json", "demo.json", "demo-keys.json"]) {
      expect(statSync(join(stateDir, "own", name)).mode & 0o077).toBe(0);
    }
  });

  test("a second start on the same state folder is refused", async () => {
    expect(await refusal({ STATE_DIR: join(stateDir, "own") })).toContain("is in use by process");
    expect(await chat(server.demo)).toBe(200);
  });

  test("simulators move when one of their ports is taken, and the stored catalog with them", async () => {
    const before = server.demo.simulators;
    process.kill(server.demo.pid, "SIGKILL");
    const port = portOf(before[1]?.base_url ?? "");
    expect(await waitUntilPortFree(port, 1_000)).toBe(true);
    const squatter = createServer().listen(port, LOOPBACK);
    await once(squatter, "listening");
    server = await server.restart();
    squatter.close();
    expect(server.demo.simulators.map(({ region }) => region)).toEqual(before.map(({ region }) => region));
    expect(server.demo.simulators.map(({ base_url }) => portOf(base_url))).not.toContain(port);
    expect(await chat(server.demo)).toBe(200);
    const bases = server.demo.simulators.map(({ base_url }) => base_url).toSorted();
    expect(await originBases(server.demo)).toEqual(bases);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s ends all cleanly with code 0", async (signal) => {
    const { pid, base_url } = server.demo;
    const startedAtMs = Date.now();
    expect(await server.stop(signal)).toBe(0);
    expect(Date.now() - startedAtMs).toBeLessThan(2_500);
    expect(await isPortFree(portOf(base_url))).toBe(true);
    server = await server.restart();
    expect(server.demo.pid).not.toBe(pid);
  });
});

describe("environment", () => {
  const row = (secret: string | null) => ({
    regions: [{ id: "moon" }],
    models: [{ id: "a/one", task: "text-generation", price: { input_per_mtok: 1, output_per_mtok: 1 } }],
    origins: [
      {
        id: "moon-1",
        region: "moon",
        kind: "openai-compatible",
        base_url: "http://127.0.0.1:9/v1",
        secret,
        serves: [{ model: "a/one" }],
      },
    ],
  });
  const writeCatalog = (name: string, content: unknown) => {
    const path = join(stateDir, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  test("SIM=off starts none; CATALOG_FILE replaces the stored catalog; its secrets come from the environment", async () => {
    const dir = join(stateDir, "file");
    const env = { SIM: "off", CATALOG_FILE: writeCatalog("own.json", row("ORIGIN_MOON")), ORIGIN_MOON: "s" };
    let server = await startServer({ env, stateDir: dir });
    try {
      expect(server.demo.simulators).toEqual([]);
      const url = `${server.baseUrl}/api/v1/admin/catalog`;
      expect((await readJson(url, server.demo.admin_token)).body.regions).toMatchObject([{ id: "moon" }]);
      writeCatalog("own.json", { ...row(null), regions: [{ id: "moon", name: "Mare" }] });
      server = await server.restart();
      expect((await readJson(url, server.demo.admin_token)).body.regions).toMatchObject([{ name: "Mare" }]);
    } finally {
      await server.stop();
    }
  });

  test("SIM_PORT is the first of three; ADMIN_TOKEN is the operator's", async () => {
    const [base = 0] = await findFreePorts(1);
    const firstPort = base > 65_000 ? base - 1_000 : base;
    const token = "operator-of-this-test-0123456789abc";
    const server = await startServer({ env: { SIM_PORT: String(firstPort), ADMIN_TOKEN: token } });
    try {
      const ports = server.demo.simulators.map(({ base_url }) => portOf(base_url));
      expect(ports).toEqual([firstPort, firstPort + 1, firstPort + 2]);
      expect(server.demo.admin_token).toBe(token);
      expect(await chat(server.demo)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  test("LOG=json prints every event as one JSON line", async () => {
    const server = await startServer({ env: { SIM: "off" } });
    try {
      await chat(server.demo);
      const events = server
        .logs()
        .split("\n")
        .filter((line) => line.startsWith("{"));
      expect(events.length).toBeGreaterThan(0);
      for (const line of events) expect(JSON.parse(line)).toMatchObject({ time: expect.any(String) });
      expect(server.logs()).not.toContain(server.demo.admin_token);
    } finally {
      await server.stop();
    }
  });

  test.each([
    ["no file", () => "/no/such/catalog.json", /CATALOG_FILE .* cannot be read \(ENOENT\)/],
    ["no JSON", () => writeCatalog("bad.json", "{ x"), /is not JSON/],
    ["a fault", () => writeCatalog("fault.json", { ...row(null), regions: [{}] }), /regions\[0\]\.id: /],
    ["a missing secret", () => writeCatalog("secret.json", row("ORIGIN_NOT_SET")), /ORIGIN_NOT_SET/],
  ])("a catalog with %s: one line and exit code 1", async (_, path, message) => {
    expect(await refusal({ CATALOG_FILE: path() })).toMatch(message);
  });

  test("a port in use: one line and exit code 1", async () => {
    const port = portOf(inject("demo").base_url);
    expect(await refusal({ PORT: String(port) })).toContain(`Port ${port} is in use`);
  });

  test("a short ADMIN_TOKEN, a wrong number, an unwritable STATE_DIR: one line each", async () => {
    expect(await refusal({ ADMIN_TOKEN: "short" })).toContain("ADMIN_TOKEN has 5 characters");
    expect(await refusal({ LEASE_S: "soon" })).toContain("LEASE_S=soon");
    writeFileSync(join(stateDir, "file-in-the-way"), "");
    expect(await refusal({ STATE_DIR: join(stateDir, "file-in-the-way") })).toContain("is not writable");
  });
});

test("npm start and npm test run the set-up first, and start.ts on the PATH's Node", () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(scripts).toMatchObject({ prestart: "node scripts/setup.mjs", pretest: "node scripts/setup.mjs" });
  expect(scripts.start).toBe("node scripts/start.ts");
});
