import { describe, expect, it } from "vitest";
import { guessLanguage } from "../../../src/routing/classify/language.ts";
import { createTokens, scanTokens } from "../../../src/routing/classify/tokens.ts";

const TOKENS = createTokens();

function languageOf(text: string): string {
  scanTokens(text, TOKENS);
  return guessLanguage(text, TOKENS);
}

describe("guessLanguage", () => {
  it.each([
    ["Please tell me what the weather is like", "en"],
    ["¿Cuál es la mejor forma de aprender a cocinar?", "es"],
    ["Quelle est la meilleure façon de préparer un café ?", "fr"],
    ["Wie kann ich mit dem Zug nach Wien fahren?", "de"],
    ["Qual é a melhor forma de estudar para uma prova?", "pt"],
    ["Qual è il modo migliore per imparare la chitarra?", "it"],
    ["Hoe kan ik het beste naar mijn werk fietsen?", "nl"],
    ["Jak to się robi i co jest do tego potrzebne?", "pl"],
    ["Как доехать до вокзала?", "ru"],
    ["Як доїхати до вокзалу і де купити квиток?", "uk"],
    ["请告诉我去车站的路", "zh"],
    ["駅への行き方を教えてください", "ja"],
    ["역까지 어떻게 가나요?", "ko"],
    ["كيف أصل إلى المحطة؟", "ar"],
    ["چگونه به ایستگاه بروم؟ گربه پشت در است", "fa"],
    ["स्टेशन कैसे जाएँ?", "hi"],
    ["Πώς πάω στον σταθμό;", "el"],
    ["ฉันจะไปสถานีได้อย่างไร", "th"],
  ])("%s is %s", (text, language) => {
    expect(languageOf(text)).toBe(language);
  });

  it("is undetermined without letters or known words", () => {
    for (const text of ["", "12345", "???", "zxqv blorp", "\ud800"]) expect(languageOf(text)).toBe("und");
  });

  it("sees a Chinese question about English code as Chinese", () => {
    expect(languageOf("useEffect 为什么会执行两次")).toBe("zh");
  });
});
