import { describe, expect, it } from "vitest";
import { checkImageUrl } from "../../src/dialects/image-url.ts";

const MIB = 1024 * 1024;
const refusalOf = (url: string) => {
  try {
    checkImageUrl(url, "messages[0].content[0].image_url.url");
    return "accepted";
  } catch (error) {
    const { code, details } = error as { code: string; details: { param?: string } };
    return `${code} ${details.param}`;
  }
};
const REFUSED = "invalid_value messages[0].content[0].image_url.url";

describe("an image URL", () => {
  it.each(["png", "jpeg", "webp", "gif"])("may be inlined %s", (type) => {
    expect(refusalOf(`data:image/${type};base64,AAAA`)).toBe("accepted");
  });

  it("may be https to a public host", () =>
    expect(refusalOf("https://example.com/cat.png")).toBe("accepted"));

  it.each([
    "data:image/svg+xml;base64,AAAA",
    "data:text/html;base64,AAAA",
    "data:image/png,AAAA",
    "data:image/png;charset=x;base64,AAAA",
    "data:,",
    "DATA:image/png;base64,AAAA",
    "data:IMAGE/PNG;BASE64,AAAA",
    "http://example.com/cat.png",
    "https://127.0.0.1/cat.png",
    "file:///etc/passwd",
    "cat.png",
    "",
  ])("may not be %j", (url) => expect(refusalOf(url)).toBe(REFUSED));

  it("may hold 8 MiB and no more", () => {
    const inlined = (bytes: number) => `data:image/png;base64,${"A".repeat(Math.ceil((bytes * 4) / 3))}`;
    expect(refusalOf(inlined(8 * MIB))).toBe("accepted");
    expect(refusalOf(inlined(8 * MIB + 100))).toBe(REFUSED);
  });

  it("is never repeated in the refusal: it may hold a secret", () => {
    expect(() => checkImageUrl("https://user:canary@10.0.0.1/", "p")).toThrow(/^(?!.*canary)/);
  });
});
