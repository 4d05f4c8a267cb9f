import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findFreePorts, isPortFree, LOOPBACK, waitUntilPortFree } from "../../../scripts/local/ports.ts";

test("free ports are different and free", async () => {
  const ports = await findFreePorts(3);
  expect(new Set(ports).size).toBe(3);
  expect(await Promise.all(ports.map(isPortFree))).toEqual([true, true, true]);
});

test("a port somebody listens on is taken, and free once they left", async () => {
  const [port = 0] = await findFreePorts(1);
  const server = createServer().listen(port, LOOPBACK);
  await once(server, "listening");
  expect(await isPortFree(port)).toBe(false);
  expect(await waitUntilPortFree(port, 100)).toBe(false);
  setTimeout(() => server.close(), 100);
  expect(await waitUntilPortFree(port, 2_000)).toBe(true);
});
