// What holds for every endpoint of every dialect: a new row is tested by being in the table.
import { describe, expect, it } from "vitest";
import { DIALECTS } from "../../src/dialects/index.ts";
import { ERRORS, type ErrorCode, RouterError } from "../../src/domain/errors.ts";
import type { DecisionId, RequestId } from "../../src/domain/ids.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { kindOf } from "../../src/origins/kinds/index.ts";
import { SAMPLE_PROFILE } from "../domain/sample-target.ts";

const MIB = 1024 * 1024;
const REQUEST = "req_0000000000000000000001" as RequestId;
const STAMP = { id: "ours-1", model: "A/b", createdS: 1_712_345_678 };
const FACTS = {
  profile: SAMPLE_PROFILE,
  region: "us-east",
  reason: 'Because of "quotes" and\nlines.',
  decisionId: "rt_0000000000000000000001" as DecisionId,
  routingTimeMs: 0.2,
};
const CODES = Object.keys(ERRORS) as ErrorCode[]; // the table's own keys
const CANARY = "canary-3f1c";

const rows = DIALECTS.flatMap((dialect) =>
  dialect.bases.flatMap((base) =>
    dialect.endpoints.map(
      (endpoint) => [`${dialect.name} ${base}${endpoint.path}`, { dialect, endpoint }] as const,
    ),
  ),
);

describe("the table of dialects", () => {
  it("names each dialect and each path once", () => {
    const names = DIALECTS.map((dialect) => dialect.name);
    expect(new Set(names).size).toBe(names.length);
    const paths = DIALECTS.flatMap(({ bases, endpoints }) =>
      bases.flatMap((base) => endpoints.map(({ path }) => base + path)),
    );
    expect(new Set(paths).size).toBe(paths.length);
  });
});

describe.each(rows)("%s", (_, { dialect, endpoint }) => {
  it("has a path below a base, and neither ends in a slash", () => {
    for (const text of [...dialect.bases, endpoint.path]) expect(text).toMatch(/^(\/[a-z0-9-]+)+$/);
  });

  it("bounds its body by what wire.md allows", () => {
    expect(endpoint.maxBodyBytes).toBeGreaterThanOrEqual(MIB);
    expect(endpoint.maxBodyBytes).toBeLessThanOrEqual(24 * MIB);
    expect(endpoint.maxBodyBytes % MIB).toBe(0);
  });

  it("speaks a wire that some kind of origin speaks", () => {
    expect(kindOf("openai-compatible")?.wires).toContain(endpoint.wire);
  });

  it.each([null, undefined, [], [{}], "text", "", 0, 5, true])("refuses %j for a body with a 400", (body) => {
    expect(() => endpoint.parse(body, new Headers())).toThrow(expect.objectContaining({ status: 400 }));
  });

  it("refuses an empty object, and names what is missing", () => {
    expect(() => endpoint.parse({}, new Headers())).toThrow(
      expect.objectContaining({
        status: 400,
        details: expect.objectContaining({ param: expect.any(String) }),
      }),
    );
  });

  it.each([0, 5, true, "text", [], {}, null])(
    "refuses %j in the place of every field with a 400 or takes it, and never breaks",
    (value) => {
      const fields = [
        "model",
        "models",
        "messages",
        "prompt",
        "input",
        "routing",
        "stream",
        "stream_options",
        "n",
      ];
      const more = [
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "tools",
        "response_format",
        "session_id",
        "best_of",
      ];
      const good = { model: "m", messages: [{ role: "user", content: "x" }], prompt: "x", input: "x" };
      for (const field of [...fields, ...more]) {
        try {
          endpoint.parse({ ...good, [field]: value }, new Headers());
        } catch (error) {
          expect(error).toBeInstanceOf(RouterError);
          expect(error).toMatchObject({ status: 400 });
        }
      }
    },
  );

  it("renders everything it writes into a stream as one line", () => {
    const error = new RouterError("upstream_failed", "Two\nlines.");
    const written = [
      endpoint.renderStreamError(error, REQUEST),
      endpoint.renderRoutingEvent(STAMP, FACTS),
      endpoint.renderUsage(STAMP, NO_USAGE),
      endpoint.renderFrame('{"id":"x","model":"y","choices":[]}', STAMP),
      endpoint.terminal,
    ];
    for (const text of written) expect(text).toMatch(/^[^\r\n]+$/);
  });

  it("renders frames that JSON-parsing clients survive", () => {
    for (const text of [endpoint.renderRoutingEvent(STAMP, FACTS), endpoint.renderUsage(STAMP, NO_USAGE)]) {
      expect(JSON.parse(text)).toMatchObject({ id: "ours-1", model: "A/b", created: 1_712_345_678 });
    }
    expect(JSON.parse(endpoint.renderRoutingEvent(STAMP, FACTS))).toMatchObject({
      task: "code_generation",
      reason: FACTS.reason,
      decision_id: FACTS.decisionId,
      choices: [{ index: 0 }],
    });
  });

  it("puts our model on whole answers and frames and keeps what else they say", () => {
    const text = '{"id":"theirs","model":"theirs","extra":{"model":1.0},"choices":[]}';
    for (const rendered of [endpoint.renderFrame(text, STAMP), endpoint.renderWhole(text, STAMP)]) {
      expect(JSON.parse(rendered).model).toBe("A/b");
      expect(rendered).toContain('"extra":{"model":1.0},"choices":[]}');
    }
  });

  it.each(CODES)(
    "renders %s, whole and in a stream, with its request's id and nothing of its cause",
    (code) => {
      const error = new RouterError(code, "One sentence.", { cause: new Error(CANARY) });
      const { status, body } = dialect.renderError(error, REQUEST);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      for (const rendered of [JSON.stringify(body), endpoint.renderStreamError(error, REQUEST)]) {
        expect(JSON.parse(rendered)).toHaveProperty("error");
        expect(rendered).toContain("One sentence.");
        expect(rendered).toContain(code);
        expect(rendered).toContain(REQUEST);
        expect(rendered).not.toContain(CANARY);
      }
    },
  );
});
