// The door an origin stands behind: the network, or the Workers AI binding, which answers like a fetch but may not
// end when its caller does. Knows neither what is asked nor what the answer means.
import type { Ports } from "../domain/ports.ts";
import type { OriginRequest, WorkersAiCall } from "./kinds/kind.ts";

/** Rejects as fetch does: when nobody is reached, and with the signal's reason when it aborts. */
export function reach(
  ports: Pick<Ports, "fetch" | "workersAi">,
  { url, init, workersAi }: OriginRequest,
  signal: AbortSignal,
): Promise<Response> {
  return workersAi === undefined
    ? ports.fetch(url, { ...init, signal })
    : throughBinding(ports.workersAi, workersAi, signal);
}

async function throughBinding(
  binding: Ports["workersAi"],
  { model, inputs }: WorkersAiCall,
  signal: AbortSignal,
): Promise<Response> {
  if (inputs === null) return new Response(null, { status: binding === null ? 503 : 200 });
  if (binding === null) throw new Error("this deployment has no AI binding");
  signal.throwIfAborted();
  const running = binding.run(model, inputs, { returnRawResponse: true, signal });
  return breakable(await orAborted(running, signal), signal);
}

/** Older runtimes take no signal: what comes after it is let go by us. */
function orAborted(running: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason);
      running.then(({ body }) => body?.cancel()).catch(() => undefined);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The same answer, its body ended by the signal whether the binding follows it or not. */
function breakable(response: Response, signal: AbortSignal): Response {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let letGo = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const onAbort = () => {
        controller.error(signal.reason);
        reader.cancel(signal.reason).catch(() => undefined);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      letGo = () => signal.removeEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (!done) return controller.enqueue(value);
      letGo();
      controller.close();
    },
    cancel(reason) {
      letGo();
      return reader.cancel(reason);
    },
  });
  // A body that may be cut promises no length.
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(body, { status: response.status, headers });
}
