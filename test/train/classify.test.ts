import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROUTING_TASKS } from "../../src/domain/route.ts";

const PROGRAM = join(import.meta.dirname, "../../train/classify.ts");

function classified(lines: readonly string[], options: readonly string[] = []) {
  const run = spawnSync(process.execPath, [PROGRAM, ...options], { input: `${lines.join("\n")}\n` });
  const answers = run.stdout.toString().trimEnd().split("\n");
  return { answers: answers.map((line) => JSON.parse(line)), exitCode: run.status };
}

describe("classify", () => {
  it("answers line by line, in order, with the names as they were given", () => {
    const asked = [
      JSON.stringify({ id: "a", text: "Translate to French: good night" }),
      JSON.stringify({ id: 2, text: "Write a Python function that sorts a list of dates" }),
    ];
    const options = ["--models", "rb/GPT-4-1106-preview,nobody/knows-it", "--pair", "big,small"];
    const { answers, exitCode } = classified(asked, options);
    expect(exitCode).toBe(0);
    expect(answers).toMatchObject([
      { id: "a", task: "translation", group: "text_transform" },
      { id: 2, task: "code_generation", group: "code" },
    ]);
    for (const { quality, gap, confidence, complexity } of answers) {
      expect(Object.keys(quality)).toEqual(["rb/GPT-4-1106-preview", "nobody/knows-it"]);
      expect(gap).toEqual(expect.any(Number));
      expect(confidence).toBeGreaterThan(0);
      expect(["simple", "medium", "complex"]).toContain(complexity);
    }
  }, 20_000);

  it("answers a bad line in its place and says so at the end", () => {
    const { answers, exitCode } = classified(['{"id":"x"', '{"id":"y","text":3}', '{"id":"z","text":"hi"}']);
    expect(exitCode).toBe(1);
    expect(answers[0]).toEqual({ id: null, error: "The line is not JSON." });
    expect(answers[1]).toMatchObject({ id: "y", error: expect.stringContaining("not {id, text}") });
    expect(answers[2]).toMatchObject({ id: "z", gap: null });
    expect(ROUTING_TASKS).toContain(answers[2].task);
  }, 20_000);
});
