import { describe, expect, it } from "vitest";
import * as z from "zod";
import { messageContent } from "../../src/dialects/message-content.ts";

z.config({ jitless: true });

function faultOf(content: unknown): string {
  const verdict = messageContent.safeParse(content);
  if (verdict.success) return "accepted";
  expect(verdict.error.issues).toHaveLength(1);
  return verdict.error.issues[0]?.path.join(".") ?? "";
}

const part = (fields: object) => faultOf([{ type: "text", text: "first" }, fields]);

describe("the content of a message", () => {
  it.each(["", "hello", [], [{ type: "text", text: "" }]])("may be %j", (content) => {
    expect(faultOf(content)).toBe("accepted");
  });

  it.each([null, undefined, 5, {}, true])("may not be %j", (content) => expect(faultOf(content)).toBe(""));

  it("is given back as it is, not as a copy", () => {
    const content = [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }];
    expect(messageContent.parse(content)).toBe(content);
  });

  it("may have parts of types we do not know, and members we do not know", () => {
    expect(part({ type: "thinking", thinking: "…", signature: "s" })).toBe("accepted");
    expect(part({ type: "text", text: "x", annotations: [1] })).toBe("accepted");
    expect(part({ type: "file", file: { file_id: "f", file_data: "data:application/pdf;base64,A" } })).toBe(
      "accepted",
    );
  });

  it.each<[string, object]>([
    ["1", []],
    ["1.type", {}],
    ["1.type", { type: 5 }],
    ["1.text", { type: "text" }],
    ["1.text", { type: "thinking", text: 5 }],
    ["1.image_url.url", { type: "image_url" }],
    ["1.image_url.url", { type: "image_url", image_url: {} }],
    ["1.image_url.url", { type: "image_url", image_url: { url: "" } }],
    ["1.image_url.url", { type: "image_url", image_url: "https://example.com/bare.png" }],
    ["1.url", { type: "text", text: "x", url: "http://10.0.0.1/" }],
    ["1.video_url", { type: "video_url", video_url: "http://10.0.0.1/" }],
    ["1.Video_URL.URL", { type: "video_url", Video_URL: { URL: "http://10.0.0.1/" } }],
    ["1.image_url.url", { type: "image", image_url: { url: "https://example.com/x.png" } }],
    ["1.source.url", { type: "image", source: { type: "url", url: "https://example.com/x.png" } }],
    ["1.media.uri", { type: "media", media: { uri: "gs://bucket/x" } }],
  ])("has its fault at %s of %j", (path, fields) => expect(part(fields)).toBe(path));

  it("names the first fault alone, however many there are", () => {
    expect(faultOf([{ type: "text", text: "x" }, 1, 2, 3])).toBe("1");
  });

  it("has at most 2,048 parts", () => {
    const parts = (length: number) => Array.from({ length }, () => ({ type: "text", text: "x" }));
    expect(faultOf(parts(2_048))).toBe("accepted");
    expect(faultOf(parts(2_049))).toBe("");
  });
});
