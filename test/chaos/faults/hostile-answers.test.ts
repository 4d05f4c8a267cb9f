// Where an answer of the hostile origin is cut decides what its caller must get: checked against what the bytes say.
import { describe, expect, test } from "vitest";
import {
  bodyLength,
  CUTS_OF_THE_FINISH,
  leftBy,
  SPOKEN,
  STREAM,
  well,
} from "../../../chaos/faults/hostile-answers.ts";
import { parseJson } from "../../../src/lib/record.ts";
import { readEvents, terminalOf, textOf } from "../../support/events.ts";

test("its good stream is one that the strictest client reads", () => {
  const events = readEvents(STREAM.toString());
  expect(textOf(events)).toBe(SPOKEN);
  expect(terminalOf(events)).toBe("done");
});

test("its good whole answer is as long as it says", () => {
  const [head = "", body = ""] = [...well("whole").bytes()];
  expect(String(head)).toContain(`content-length: ${body.length}`);
  expect(body.length).toBe(bodyLength("whole"));
});

describe("a stream cut after any byte", () => {
  const cuts = Array.from({ length: bodyLength("streamed") + 1 }, (_, at) => at);
  const says = (at: number): string => STREAM.subarray(0, at).toString();

  /** Events of which every character came; line ends behind the last one may be missing. */
  const whole = (at: number) =>
    says(at)
      .split("\n\n")
      .map((block) => parseJson(block.slice("data: ".length)))
      .filter((json) => json !== undefined);

  test("leaves nothing until its first event is there", () => {
    for (const at of cuts) {
      const isNothing = leftBy("streamed", { at, how: "fin" }) === "nothing";
      expect(isNothing, `after ${at} bytes`).toBe(whole(at).length === 0);
    }
  });

  test("leaves all once its finish reason is there", () => {
    for (const at of cuts) {
      const isFinished = JSON.stringify(whole(at)).includes('"finish_reason":"stop"');
      expect(leftBy("streamed", { at, how: "fin" }) === "all", `after ${at} bytes`).toBe(isFinished);
    }
  });

  test("within its finish is cut on both sides of the decision", () => {
    const left = CUTS_OF_THE_FINISH.map((at) => leftBy("streamed", { at, how: "fin" }));
    expect(left.filter((one) => one === "beginning").length).toBeGreaterThan(100);
    expect(left.filter((one) => one === "all").length).toBeGreaterThan(2);
    expect(left).not.toContain("nothing");
  });
});

test("a whole answer cut anywhere but at its end leaves nothing", () => {
  const whole = bodyLength("whole");
  expect(leftBy("whole", { at: whole - 1, how: "fin" })).toBe("nothing");
  expect(leftBy("whole", { at: whole, how: "fin" })).toBe("all");
});
