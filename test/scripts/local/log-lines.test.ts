import { describe, expect, test } from "vitest";
import { renderLine } from "../../../scripts/local/log-lines.ts";

const TIME_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const line = (message: string, level = "log") => ({ timestamp: TIME_MS, level, message });

describe("json lines", () => {
  test("an event of the Worker keeps its fields and gets the time", () => {
    const event = { event: "request", level: "info", status: 200 };
    const rendered = renderLine(line(JSON.stringify(event)), "json");
    expect(JSON.parse(rendered)).toEqual({ time: "2026-01-02T03:04:05.678Z", ...event });
  });

  test("what the runtime says is an event of its own", () => {
    const rendered = renderLine(line('Uncaught "boom"\nstack', "error"), "json");
    const expected = { event: "runtime", level: "error", message: 'Uncaught "boom"\nstack' };
    expect(JSON.parse(rendered)).toMatchObject(expected);
    expect(rendered).not.toContain("\n");
  });

  test("an endless message is cut", () => {
    expect(renderLine(line("x".repeat(100_000)), "json").length).toBeLessThan(5_000);
  });

  test("an empty object is no event", () => {
    expect(JSON.parse(renderLine(line("{}"), "json"))).toMatchObject({ message: "{}" });
  });
});

describe("pretty lines", () => {
  test("name first, then fields; values with spaces are quoted", () => {
    const event = { event: "request", level: "warn", path: "/v1/models", why: "too slow" };
    expect(renderLine(line(JSON.stringify(event)), "pretty")).toBe(
      '03:04:05.678 WARN request path=/v1/models why="too slow"',
    );
  });

  test("what looks like an event and is none stays as it is", () => {
    expect(renderLine(line('{"half}'), "pretty")).toBe('03:04:05.678 LOG {"half}');
  });
});
