// The least a Worker can be between a caller and an origin: what a router adds is measured against it. It runs
// under the same runtime, on a socket of its own, with the same compatibility as the router.
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from "miniflare";
import { findFreePorts, LOOPBACK } from "../../scripts/local/ports.ts";
import { readRuntimeChoice } from "../../scripts/local/worker-config.ts";

export interface Passthrough {
  readonly baseUrl: string;
  close(): Promise<void>;
}

const SCRIPT = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const { method, body } = request;
    const headers = { "content-type": "application/json", authorization: env.AUTHORIZATION };
    const answer = await fetch(env.ORIGIN + pathname, { method, headers, body });
    return new Response(answer.body, { status: answer.status, headers: new Headers(answer.headers) });
  },
};`;

/** `authorization` is sent to the origin with every request. */
export async function startPassthrough(originBase: string, authorization: string): Promise<Passthrough> {
  const [port = 0] = await findFreePorts(1);
  const runtime = readRuntimeChoice(join(import.meta.dirname, "../../wrangler.toml"));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "passthrough",
      modules: [{ type: "ESModule", path: "passthrough.js", contents: SCRIPT }],
      compatibilityDate: runtime.compatibilityDate,
      compatibilityFlags: [...runtime.compatibilityFlags],
      bindings: { ORIGIN: originBase, AUTHORIZATION: authorization },
      unsafeDirectSockets: [{ host: LOOPBACK, port }],
      cf: false,
      logRequests: false,
      log: new NoOpLog(),
    }),
  );
  await miniflare.ready;
  return { baseUrl: `http://${LOOPBACK}:${port}`, close: () => miniflare.dispose() };
}

/** The one line a reader of the tests' output looks for. */
export function printFirstBytes(medians: { readonly router: number; readonly passthrough: number }): void {
  const [router, passthrough, added] = [
    medians.router,
    medians.passthrough,
    medians.router - medians.passthrough,
  ].map((ms) => ms.toFixed(1));
  console.log(`first byte: ${router} ms, bare passthrough ${passthrough} ms, added ${added} ms (medians)`);
}
