// What an origin itself says to the request it was sent: the logged request once more, without the router in
// between. For comparisons byte by byte; simulators answer the same request alike.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import type { RequestEntry } from "../../sim/request-log.ts";
import type { Answer } from "./ask.ts";
import { simulators } from "./simulators.ts";

/** The request that this answer's origin saw. */
export async function originRequest(demo: DemoFile, answer: Answer): Promise<RequestEntry> {
  const id = answer.headers.get("x-request-id");
  const region = answer.headers.get("x-inferroute-region") ?? "";
  const entries = await simulators(demo, [region]).requests();
  const entry = entries.findLast(({ headers }) => headers["x-request-id"] === id);
  if (entry === undefined) throw new Error(`${region} saw no request ${id}`);
  return entry;
}

/** The origin's own answer to that request, faults that still stand included. */
export async function twinOf(demo: DemoFile, answer: Answer): Promise<string> {
  const { path, body, headers } = await originRequest(demo, answer);
  const region = answer.headers.get("x-inferroute-region");
  const place = demo.simulators.find((simulator) => simulator.region === region);
  const response = await fetch(`${place?.base_url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: String(headers.authorization) },
    body: JSON.stringify(body),
  });
  return await response.text();
}

/** Data of each event as the origin wrote it, up to its end; lines may end either way. */
export function originEvents(text: string): readonly string[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((block) => block.startsWith("data: "))
    .map((block) => block.slice("data: ".length));
}

export interface Stamp {
  readonly id: string;
  readonly model: string;
}

/** The origin's own event with what the router may change: id and model on top, and the two dates made equal. */
export function stamped(data: string, { id, model }: Stamp): string {
  return undated(data)
    .replace(/^\{"id":"[^"]*"/, `{"id":${JSON.stringify(id)}`)
    .replace(/"model":"[^"]*"/, `"model":${JSON.stringify(model)}`)
    .replaceAll(/"chatcmpl-tool-[0-9a-f]*"/g, '"chatcmpl-tool"');
}

/** Two calls may fall into different seconds, and tool calls have ids of their own. */
export function undated(data: string): string {
  return data
    .replace(/"created":\d+/, '"created":0')
    .replaceAll(/"chatcmpl-tool-[0-9a-f]*"/g, '"chatcmpl-tool"');
}
