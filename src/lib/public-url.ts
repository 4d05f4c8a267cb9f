// Whether a URL a stranger sent may be fetched: https on its own port, a public host name, nothing else.
// The check is on the text; the platform's strictly-public egress is the second lock.

const PRIVATE_SUFFIXES = [".local", ".internal", ".localhost", ".home.arpa", ".lan", ".onion", ".svc"];

export function isPublicHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "")
    return false;
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  // Address literals never: the parser has already folded octal, hex and short forms into these.
  if (host.startsWith("[") || /^[0-9.]+$/.test(host)) return false;
  // An empty label would hide the suffix behind it.
  if (!host.includes(".") || host.includes("..") || host.endsWith(".")) return false;
  return !PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix));
}
