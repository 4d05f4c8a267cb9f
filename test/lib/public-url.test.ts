import { describe, expect, it } from "vitest";
import { isPublicHttps } from "../../src/lib/public-url.ts";

const PUBLIC = [
  "https://example.com/cat.png",
  "https://cdn.example.co.uk:443/a?b=c#d",
  "HTTPS://EXAMPLE.COM/",
  "https://bücher.example/umlaut.jpg",
  "https://10.example.com/",
  "https://internal.example.com/",
  "https://example.com./",
];

/** What servers have been made to fetch. */
const HOSTILE = [
  // other schemes
  "http://example.com/cat.png",
  "file:///etc/passwd",
  "ftp://example.com/x",
  "gopher://127.0.0.1:6379/_INFO",
  "javascript:alert(1)",
  "data:image/png;base64,AAAA",
  "blob:https://example.com/1",
  "ws://example.com/",
  "//example.com/x",
  "example.com/x",
  "",
  "https://",
  "https:///etc/passwd",
  // loopback and local names
  "https://localhost/",
  "https://LOCALHOST./",
  "https://api.localhost/",
  "https://printer.local/",
  "https://printer.local./",
  "https://printer.local../",
  "https://router.lan/",
  "https://nas.home.arpa/",
  "https://metadata.google.internal/computeMetadata/v1/",
  "https://METADATA.GOOGLE.INTERNAL./",
  "https://intranet/",
  "https://kubernetes.default.svc/",
  "https://kubernetes.default.svc.cluster.local/",
  "https://x.onion/",
  // IPv4 in every spelling
  "https://127.0.0.1/",
  "https://127.1/",
  "https://0/",
  "https://0.0.0.0/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.0.0.1/",
  "https://0177.0.0.1/",
  "https://017700000001/",
  "https://127.0.0.1./",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://169.254.169.254./",
  "https://2852039166/",
  "https://8.8.8.8/",
  "https://①②⑦.⓪.⓪.①/",
  "https://127。0。0。1/",
  // IPv6
  "https://[::1]/",
  "https://[::]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:169.254.169.254]/",
  "https://[fd00:ec2::254]/",
  "https://[fe80::1]/",
  "https://[64:ff9b::7f00:1]/",
  // ports, credentials and parser tricks
  "https://example.com:22/",
  "https://example.com:8443/",
  "https://user@example.com/",
  "https://user:password@example.com/",
  "https://:password@example.com/",
  "https://example.com@127.0.0.1/",
  "https://example.com#@127.0.0.1:80@localhost/".replace("#", "%23"),
  "https://127.0.0.1\\@example.com/",
  "https://127.0.0.1%2f@example.com/",
  "https:127.0.0.1/",
  "https:\\\\127.0.0.1\\",
  "https://exa mple.com/",
  "https://example..com/",
  "https://example.com../",
];

describe("isPublicHttps", () => {
  it.each(PUBLIC)("lets %s pass", (url) => expect(isPublicHttps(url)).toBe(true));

  it.each(HOSTILE)("refuses %j", (url) => expect(isPublicHttps(url)).toBe(false));

  it("refuses in linear time", () => {
    const startedAtMs = performance.now();
    for (const host of [".".repeat(200_000), `${".".repeat(200_000)}a`, "1.".repeat(100_000)]) {
      expect(isPublicHttps(`https://${host}/`)).toBe(false);
    }
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});
