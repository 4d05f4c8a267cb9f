// The content of a chat message: text, or parts. Checked by one predicate that stops at the first fault, because a
// schema of parts would list a fault for each of the millions that a body can hold. What becomes of images is the
// reader's business.
import * as z from "zod";
import { recordOf } from "../lib/record.ts";

/** Other members go to the origin as they came. */
export interface Part {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

/** What callers are shown of the check below. */
const FORM = {
  anyOf: [
    { type: "string" },
    {
      type: "array",
      items: { type: "object", properties: { type: { type: "string" } }, required: ["type"] },
    },
  ],
};

/** Text, or a list of parts; faults name the part. */
export const messageContent = z
  .unknown()
  .check((context) => {
    const fault = faultOf(context.value);
    if (fault !== null) context.issues.push({ code: "custom", input: context.value, ...fault });
  })
  .meta(FORM) as z.ZodType<unknown> as z.ZodType<string | readonly Part[]>; // the check lets nothing else pass

interface Fault {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** wire.md allows as many messages: a longer list is no prompt. */
const MAX_PARTS = 2_048;

function faultOf(content: unknown): Fault | null {
  if (typeof content === "string") return null;
  if (!Array.isArray(content)) return { path: [], message: "expected a string or a list of parts" };
  if (content.length > MAX_PARTS) return { path: [], message: `expected at most ${MAX_PARTS} parts` };
  for (const [at, part] of content.entries()) {
    const fault = faultOfPart(part);
    if (fault !== null) return { path: [at, ...fault.path], message: fault.message };
  }
  return null;
}

function faultOfPart(value: unknown): Fault | null {
  const part = recordOf(value);
  if (part !== value) return { path: [], message: "expected an object" };
  if (typeof part.type !== "string") return { path: ["type"], message: "expected a string" };
  if (typeof (part.text ?? "") !== "string" || (part.type === "text" && part.text === undefined)) {
    return { path: ["text"], message: "expected a string" };
  }
  if (part.type === "image_url" && !isUrl(recordOf(part.image_url).url)) {
    return { path: ["image_url", "url"], message: "expected a non-empty string" };
  }
  return faultOfUrls(part);
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/**
 * No origin may be given a URL to fetch. Servers read URLs from parts of many types (`video_url`, `audio_url`,
 * `image_url` on any of them), bare or in an object: only inlined data passes, and images, which we fetch.
 */
function faultOfUrls(part: Readonly<Record<string, unknown>>): Fault | null {
  for (const [name, value] of Object.entries(part)) {
    const inner = recordOf(value);
    const named = [
      [[name], value] as const,
      ...Object.entries(inner).map(([key, url]) => [[name, key], url] as const),
    ];
    const isImage = part.type === "image_url" && name === "image_url" && inner === value;
    for (const [path, url] of named) {
      if (isImage || !isRemote(path.at(-1), url)) continue;
      return { path: [...path], message: "send this as inlined data: only images may be given by URL" };
    }
  }
  return null;
}

function isRemote(name: string | undefined, value: unknown): boolean {
  return /(^|_)ur[il]$/i.test(name ?? "") && typeof value === "string" && !value.startsWith("data:");
}
