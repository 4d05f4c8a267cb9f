// What holds for every kind of origin that this release can call: a new row is tested by being in the table.
import { describe, expect, it } from "vitest";
import { ORIGIN_KINDS } from "../../src/domain/catalog.ts";
import { ERRORS } from "../../src/domain/errors.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import { kindOf } from "../../src/origins/kinds/index.ts";
import type { Call, Kind } from "../../src/origins/kinds/kind.ts";
import { sampleTarget } from "../domain/sample-target.ts";
import {
  embeddingsCall,
  goodAnswer,
  sampleCall,
  taskCall,
  taskRequest,
  wholeCall,
} from "../origins/kinds/sample-call.ts";

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
  `[{"error":{"message":"${CANARY}"}}]`,
  `{"errors":[{"code":7003,"message":"${CANARY}"}]}`,
  `{"internalCode":3010,"description":"${CANARY}"}`,
  `{"detail":[{"loc":["body"],"msg":"${CANARY}"}]}`,
  "[[]]",
];
const STATUSES = [200, 204, 301, 400, 401, 403, 404, 408, 413, 418, 422, 424, 429, 500, 502, 503, 504, 599];

const kinds = ORIGIN_KINDS.map(kindOf).filter((kind) => kind !== null);
const rows = kinds.map((kind): [string, Kind] => [kind.name, kind]);

/** One call of each wire. */
function calls(kind: Kind, fields: Partial<Call> = {}): readonly Call[] {
  const more = { target: sampleTarget({ origin: { kind: kind.name } }), secret: "s3cret", ...fields };
  return kind.wires.map((wire): Call => {
    switch (wire) {
      case "openai-chat":
        return wholeCall({ wire }, more);
      case "openai-completions":
        return wholeCall({ wire, body: { prompt: "Once" } }, more);
      case "openai-embeddings":
        return embeddingsCall({ input: "a" }, more);
      case "tasks":
        return taskCall(taskRequest("embeddings", "a"), more);
      default:
        return assertNever(wire);
    }
  });
}

/** Everything that leaves the house for a call, but its headers. */
function sentBy(kind: Kind, call: Call): string {
  const { url, init, workersAi } = kind.toRequest(call);
  return url + String(init.body) + JSON.stringify(workersAi ?? null);
}

it("there is a kind for every name that a catalog may use", () =>
  expect(kinds).toHaveLength(ORIGIN_KINDS.length));

describe.each(rows)("%s", (_, kind) => {
  it("stands in the table under its own name", () => expect(kindOf(kind.name)).toBe(kind));

  it("refuses no call of its wires", () => {
    for (const each of calls(kind)) expect(kind.refusalOf(each)).toBeNull();
  });

  it("calls its own origin alone, and follows no redirect", () => {
    for (const each of calls(kind)) {
      const { url, init } = kind.toRequest(each);
      expect(url.startsWith(`${each.target.origin.base_url}/`)).toBe(true);
      expect(init.redirect).toBe("manual");
      expect(init.method).toBe("POST");
    }
    const probe = kind.toProbe(sampleTarget(), null);
    expect(probe.url.startsWith(sampleTarget().origin.base_url)).toBe(true);
    expect(probe.init.redirect).toBe("manual");
    expect(probe.init.method ?? "GET").toBe("GET");
  });

  it("bears the origin's secret where it is sent over the network, and never puts it anywhere else", () => {
    for (const each of calls(kind)) {
      const { init, workersAi } = kind.toRequest(each);
      const bearer = workersAi === undefined ? "Bearer s3cret" : null;
      expect(new Headers(init.headers).get("authorization")).toBe(bearer);
      expect(sentBy(kind, each)).not.toContain("s3cret");
    }
    for (const each of calls(kind, { secret: null })) {
      expect(new Headers(kind.toRequest(each).init.headers).has("authorization")).toBe(false);
    }
  });

  it("asks under the origin's own name for the model", () => {
    for (const each of calls(kind)) {
      expect(sentBy(kind, each)).toContain(each.target.servedAs);
      expect(sentBy(kind, each)).not.toContain(each.target.model.id);
    }
  });

  it("sends no lone surrogate on, which would make any server of Python's fail", () => {
    const text = "a\ud800b";
    const texts = [
      wholeCall({ body: { messages: [{ role: "user", content: text }] } }),
      embeddingsCall({ input: text }),
      taskCall(taskRequest("embeddings", text)),
    ].filter(({ inference }) => kind.wires.includes(inference.wire));
    expect(texts.length).toBeGreaterThan(0);
    for (const each of texts) {
      expect(sentBy(kind, each).includes("\\ud800")).toBe(false);
      expect(sentBy(kind, each)).toContain("a\ufffdb");
    }
  });

  it.each(GARBAGE)("reads a frame of %j without breaking, on one line", (data) => {
    const frame = kind.frameReader(sampleCall(), 1)(data);
    expect(["content", "usage", "done", "failed"]).toContain(frame.kind);
    expect(frame.kind === "failed").toBe(frame.failure !== null);
    expect(frame.text).not.toContain("\n");
    if (frame.failure !== null) expect(frame.failure.message).not.toContain(CANARY);
  });

  it.each(GARBAGE)("reads a whole answer of %j as a failure that another target may mend", (text) => {
    for (const each of calls(kind)) {
      const answer = kind.readWhole(goodAnswer(text), each);
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

  it.each(STATUSES)(
    "reads a probe of status %d as one of three words, and is ready at no server's fault",
    (status) => {
      for (const text of GARBAGE) {
        const readiness = kind.readProbe(sampleTarget(), { status, headers: new Headers(), text });
        expect(["ready", "loading", "unavailable"]).toContain(readiness);
        if (status >= 500 || status === 401 || status === 403) expect(readiness).not.toBe("ready");
      }
    },
  );
});
