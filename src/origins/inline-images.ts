// Remote images of a request, fetched by the Worker and inlined, so that no origin inside a private network is
// ever given a URL to fetch. Runs after admission: a stranger cannot make us fetch anything.
import { invalid, noRoom, type RouterError } from "../domain/errors.ts";
import type { Inference } from "../domain/inference.ts";
import type { Ports } from "../domain/ports.ts";
import { base64 } from "../lib/base64.ts";
import { imageTypeOf } from "../lib/image-type.ts";
import { isPublicHttps } from "../lib/public-url.ts";
import { readLimited } from "../lib/read-limited.ts";
import { listOf, recordOf } from "../lib/record.ts";
import { abortLine } from "./abort.ts";

/** wire.md §0: one image decoded, and all of them in base64. */
const MAX_IMAGE_BYTES = 8 * 1024 * 1024;
const MAX_ALL_LENGTH = Math.ceil((16 * 1024 * 1024 * 4) / 3) + 1_024;
const MAX_REDIRECTS = 2;
const TIMEOUT_MS = 10_000;
/** All images together: nobody renews the request's lease meanwhile, and a lease that ends makes it free. */
const DEADLINE_MS = 15_000;

/** @throws RouterError invalid_value when an image cannot be had. */
export async function inlineImages(ports: Ports, inference: Inference): Promise<Inference> {
  if (inference.remoteImages.length === 0) return inference;
  const line = abortLine(ports.callerGone);
  const timer = setTimeout(() => line.abort("total"), DEADLINE_MS);
  try {
    const inlined = await fetchAll(ports, inference.remoteImages, line.signal);
    const messages = replaceUrls(inference.body.messages, inlined);
    return { ...inference, body: { ...inference.body, messages } };
  } finally {
    clearTimeout(timer);
    line.abort("done");
  }
}

async function fetchAll(
  ports: Ports,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const inlined = new Map<string, string>();
  let totalLength = 0;
  // One after another: six connections a request are all there is, and the origin needs one.
  for (const url of urls) {
    const data = inlined.get(url) ?? dataUrl(await fetchImage(ports, url, signal));
    inlined.set(url, data);
    // An image that stands in the request several times is sent several times.
    totalLength += data.length;
    if (totalLength > MAX_ALL_LENGTH) throw refused("all images together may have at most 16 MiB");
  }
  return inlined;
}

async function fetchImage(ports: Ports, url: string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await follow(ports, url, signal);
  const limits = { maxBytes: MAX_IMAGE_BYTES, timeoutMs: TIMEOUT_MS, mayKeep: ports.room.take };
  const body = await readLimited(response.body, limits).catch((cause: unknown) => {
    throw refused("the image's host broke off", cause);
  });
  if (body.kind === "too-large") throw refused("one image may have at most 8 MiB");
  if (body.kind === "no-room") throw noRoom();
  if (body.kind === "too-slow") throw refused("the image's host is too slow");
  return body.bytes;
}

/** Every hop is checked like the first: a public host may redirect to a private one. */
async function follow(ports: Ports, first: string, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (!isPublicHttps(url)) throw refused("the image's URL leads to a host that is not public");
    const init = { redirect: "manual", headers: { accept: "image/*" }, signal } as const;
    const response = await ports.fetchPublic(url, init).catch((cause: unknown) => {
      throw refused("the image's host cannot be reached", cause);
    });
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    const location = response.headers.get("location");
    if (location === null || !URL.canParse(location, url))
      throw refused(`its host answered ${response.status}`);
    url = new URL(location, url).href;
  }
  throw refused("the image's URL redirects too often");
}

function dataUrl(bytes: Uint8Array): string {
  const type = imageTypeOf(bytes);
  if (type === null) throw refused("it is not a PNG, JPEG, WebP or GIF");
  return `data:${type};base64,${base64(bytes)}`;
}

function replaceUrls(messages: unknown, inlined: ReadonlyMap<string, string>): unknown {
  return listOf(messages).map((message) => {
    const { content } = recordOf(message);
    return Array.isArray(content)
      ? { ...recordOf(message), content: content.map((part) => replaceUrl(part, inlined)) }
      : message;
  });
}

function replaceUrl(part: unknown, inlined: ReadonlyMap<string, string>): unknown {
  const image = recordOf(recordOf(part).image_url);
  const url = typeof image.url === "string" ? inlined.get(image.url) : undefined;
  return url === undefined ? part : { ...recordOf(part), image_url: { ...image, url } };
}

function refused(what: string, cause?: unknown): RouterError {
  const error = invalid("messages", `An image of this request cannot be used: ${what}.`);
  if (cause !== undefined) error.cause = cause;
  return error;
}
