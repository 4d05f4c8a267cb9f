// What holds for every kind of origin that this release can call: a new row is tested by being in the table.
import { describe, expect, it } from "vitest";
import { ORIGIN_KINDS } from "../../src/domain/catalog.ts";
import { ERRORS } from "../../src/domain/errors.ts";
import { kindOf } from "../../src/origins/kinds/index.ts";
import type { Call, Kind } from "../../src/origins/kinds/kind.ts";
import { sampleInference, sampleTarget } from "../domain/sample-target.ts";

const CANARY = "CANARY-sk-1";
const GARBAGE = [
  "",
  "null",
  "5",
  "[]",
  '"text"',
  "{}",
  "{",
  "<html>",
  '{"error":null}',
  `{"error":"${CANARY}"}`,
  "[[]]",
];
const STATUSES = [200, 204, 301, 400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 502, 503, 504, 599];

const kinds = ORIGIN_KINDS.map(kindOf).filter((kind) => kind !== null);
const rows = kinds.map((kind): [string, Kind] => [kind.name, kind]);

const call = (kind: Kind, fields: Partial<Call> = {}): readonly Call[] =>
  kind.wires.map((wire) => ({
    target: sampleTarget({ origin: { kind: kind.name } }),
    inference: sampleInference({ wire }),
    maxOutputTokens: 10,
    secret: "s3cret",
    requestId: "req_1",
    traceparent: null,
    ...fields,
  }));

it("there is a kind to call", () => expect(kinds.length).toBeGreaterThan(0));

describe.each(rows)("%s", (name, kind) => {
  it("stands in the table under its own name", () => expect(kindOf(kind.name)).toBe(kind));

  it("calls its own origin alone, and follows no redirect", () => {
    for (const each of call(kind)) {
      const { url, init } = kind.toRequest(each);
      expect(url.startsWith(`${each.target.origin.base_url}/`)).toBe(true);
      expect(init.redirect).toBe("manual");
      expect(init.method).toBe("POST");
    }
    const probe = kind.toProbe(sampleTarget(), null);
    expect(probe.url.startsWith(sampleTarget().origin.base_url)).toBe(true);
    expect(probe.init.redirect).toBe("manual");
  });

  it("bears the origin's secret and never puts it anywhere else", () => {
    for (const each of call(kind)) {
      const { url, init } = kind.toRequest(each);
      expect(new Headers(init.headers).get("authorization")).toBe("Bearer s3cret");
      expect(url + String(init.body)).not.toContain("s3cret");
    }
    for (const each of call(kind, { secret: null })) {
      expect(new Headers(kind.toRequest(each).init.headers).has("authorization")).toBe(false);
    }
  });

  it("asks under the origin's own name for the model", () => {
    for (const each of call(kind)) {
      const { url, init } = kind.toRequest(each);
      expect(url + String(init.body)).toContain(each.target.servedAs);
      expect(String(init.body)).not.toContain(each.target.model.id);
    }
  });

  it.each(GARBAGE)("reads a frame of %j without breaking, on one line", (data) => {
    const frame = kind.readFrame(data);
    expect(["content", "usage", "done", "failed"]).toContain(frame.kind);
    expect(frame.kind === "failed").toBe(frame.failure !== null);
    expect(frame.text).not.toContain("\n");
    if (frame.failure !== null) expect(frame.failure.message).not.toContain(CANARY);
  });

  it.each(GARBAGE)("reads a whole answer of %j as a failure that another target may mend", (text) => {
    for (const wire of kind.wires) {
      const answer = kind.readWhole(text, wire);
      expect(answer).toMatchObject({ isRetryable: true });
      expect(JSON.stringify(answer)).not.toContain(CANARY);
    }
  });

  it.each(STATUSES)("reads a failure of status %d in our words and from our table", (status) => {
    for (const text of GARBAGE) {
      const failure = kind.readFailure({ status, headers: new Headers(), text });
      expect(ERRORS).toHaveProperty(failure.code);
      expect(failure.status).toBe(status);
      expect(failure.message).toMatch(/^[A-Z].*\.$|: retry/);
      expect(JSON.stringify(failure)).not.toContain(CANARY);
      expect(failure.retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000);
    }
  });

  it.each(STATUSES)("reads a probe of status %d as one of three words", (status) => {
    for (const text of GARBAGE) {
      const readiness = kind.readProbe(sampleTarget(), { status, headers: new Headers(), text });
      expect(["ready", "loading", "unavailable"]).toContain(readiness);
      expect(readiness, `${name} serves nothing there`).not.toBe("ready");
    }
  });
});
