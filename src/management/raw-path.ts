// The part of a path that names something, as it stood on the request line: decoded once, so that `%2F` and
// `/` are the same and `%252F` is not. Routers and URL parsers resolve dots and decode twice: not used here.

/** What follows `prefix` in the path of `url`; text that cannot be decoded stays as it is, and names nothing. */
export function pathBehind(url: string, prefix: string): string {
  const path = pathOf(url);
  return path.startsWith(prefix) ? decodedOnce(path.slice(prefix.length)) : "";
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start === -1 ? "" : (url.slice(start).split(/[?#]/, 1)[0] ?? "");
}

function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
