// Which image URLs a request may carry: inlined data, or https to a public host. The fetch itself, with
// its own checks, is origins/inline-images.ts.
import { invalid, type RouterError } from "../domain/errors.ts";
import { isPublicHttps } from "../lib/public-url.ts";

const DATA_URL = /^data:image\/(png|jpeg|webp|gif);base64,/;
/** 8 MiB decoded; base64 takes four characters for three bytes. */
const MAX_DATA_LENGTH = Math.ceil((8 * 1024 * 1024 * 4) / 3) + 64;

/** @throws RouterError invalid_value naming `param`. */
export function checkImageUrl(url: string, param: string): void {
  if (url.startsWith("data:")) {
    if (!DATA_URL.test(url.slice(0, 64))) throw refused(param, "send PNG, JPEG, WebP or GIF as base64 data");
    if (url.length > MAX_DATA_LENGTH) throw refused(param, "one image may have at most 8 MiB");
    return;
  }
  if (!isPublicHttps(url)) throw refused(param, "use a data: URL or https to a public host");
}

function refused(param: string, what: string): RouterError {
  return invalid(param, `Invalid '${param}': ${what}.`);
}
