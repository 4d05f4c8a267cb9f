import { describe, expect, it } from "vitest";
import { pictureIn } from "../../../src/origins/kinds/picture.ts";
import { PNG } from "../../support/fake-workers-ai.ts";
import { goodAnswer } from "./sample-call.ts";

const BASE64 = Buffer.from(PNG).toString("base64");
const FOUND = [{ base64: BASE64, type: "image/png" }];

describe("a picture", () => {
  it.each([
    ["its bytes", PNG],
    ["base64 alone", BASE64],
    ["a data URL", `data:image/jpeg;base64,${BASE64}`],
    ["a member", { image: BASE64 }],
    ["the first of several", { images: [BASE64, "x"] }],
  ])("is found as %s, and what it is told by its first bytes", (_, body) => {
    const written = typeof body === "string" ? JSON.stringify(body) : body;
    expect(pictureIn(goodAnswer(written))).toEqual(FOUND);
  });

  it.each([
    "",
    "null",
    "<html>",
    '"not base64!"',
    '{"image":"AAAA"}',
    '{"images":[]}',
    `{"image":"${btoa("<svg onload=alert(1)>")}"}`,
  ])("is not found in %j", (body) => expect(pictureIn(goodAnswer(body))).toBeNull());
});
