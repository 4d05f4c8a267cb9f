// The page at `/`: what this is and how to call it, for whoever opens the base URL in a browser.
import type { HttpContext } from "./http.ts";
import page from "./welcome.html";

export function welcome(c: HttpContext): Response {
  return c.html(page) as Response;
}
