import { describe, expect, it } from "vitest";
import { readConversation } from "../../sim/conversation.ts";

const user = (content: unknown) => ({ role: "user", content });

describe("a conversation", () => {
  it("is the same whether its text is plain or a list of parts", () => {
    const plain = readConversation([user("hi there")], "new-message");
    const parts = readConversation(
      [
        user([
          { type: "text", text: "hi " },
          { type: "text", text: "there" },
        ]),
      ],
      "new-message",
    );
    expect(parts).toEqual(plain);
  });

  it("leaves the half answer out of what the answer depends on, and counts it", () => {
    const asked = readConversation([user("hi")], "new-message");
    const half = [user("hi"), { role: "assistant", content: "Good day" }];
    const continued = readConversation(half, "final-message");
    expect(continued.canonical).toBe(asked.canonical);
    expect(continued.prefill).toBe("Good day");
    expect(continued.promptTokens).toBe(asked.promptTokens + 2);
    expect(readConversation(half, "new-message").prefill).toBe("");
  });

  it("depends on pictures and on calls, and counts them", () => {
    const picture = (url: string) =>
      user([
        { type: "text", text: "hi" },
        { type: "image_url", image_url: { url } },
      ]);
    const [one, two] = ["data:a", "data:b"].map((url) => readConversation([picture(url)], "new-message"));
    expect(one?.canonical).not.toBe(two?.canonical);
    expect(one?.promptTokens).toBeGreaterThan(256);
  });

  it("knows the turns a prefix cache would hold", () => {
    const turns = [user("a b c"), { role: "assistant", content: "d e" }, user("f")];
    expect(readConversation(turns, "new-message").repeatedTokens).toBe(3 + 4 + 2 + 4);
    expect(readConversation([user("a b c")], "new-message").repeatedTokens).toBe(0);
  });
});
