// Which loopback ports are free, asked of the system by opening them. It does not know who wants them.
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export const LOOPBACK = "127.0.0.1";

const POLL_MS = 50;

export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== null;
}

/** Waits for a predecessor that is just ending; false when the port is still taken afterwards. */
export async function waitUntilPortFree(port: number, patienceMs: number): Promise<boolean> {
  return becomes(() => isPortFree(port), patienceMs);
}

/** Waits for somebody to listen; false when nobody does. */
export async function waitUntilPortTaken(port: number, patienceMs: number): Promise<boolean> {
  return becomes(async () => !(await isPortFree(port)), patienceMs);
}

async function becomes(condition: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += POLL_MS) {
    if (await condition()) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Different free ports; another process may still be quicker to take one. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  // The system rarely hands the same port out twice in a row; a few more tries than ports are plenty.
  for (let tries = 0; found.size < count && tries < count * 20; tries++) {
    const port = await listenOn(0);
    if (port !== null) found.add(port);
  }
  return [...found];
}

/** Opens and closes the port; its number, or null when it is taken. 0 lets the system choose. */
function listenOn(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      const chosen = typeof address === "object" && address !== null ? address.port : null;
      server.close(() => resolve(chosen));
    });
  });
}
