// The key that a path names with `:id`.
import type { KeyId } from "../domain/ids.ts";
import type { HttpContext } from "../http.ts";

export function keyIdOf(c: HttpContext): KeyId {
  return (c.req.param("id") ?? "") as KeyId; // whatever it is, the object knows only ids of its own keys
}
