import { describe, expect, it } from "vitest";
import { authenticateOperator } from "../../src/auth/operator.ts";
import { fakePorts, TEST_CONFIG } from "../support/fake-ports.ts";

const verdictOn = (headers: Headers) =>
  authenticateOperator(fakePorts().ports, headers).then(
    () => "accepted",
    (error) => `${error.status} ${error.code}`,
  );
const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });
const TOKEN = TEST_CONFIG.adminToken;

describe("the operators' token", () => {
  it("is accepted, its scheme in any case", async () => {
    expect(await verdictOn(bearer(TOKEN))).toBe("accepted");
    expect(await verdictOn(new Headers({ authorization: `bEARER ${TOKEN}` }))).toBe("accepted");
  });

  it.each(["x", TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), "inf_0"])("is not %s", async (token) => {
    expect(await verdictOn(bearer(token))).toBe("401 invalid_api_key");
  });

  it.each([
    new Headers(),
    new Headers({ authorization: "" }),
    new Headers({ authorization: TOKEN }),
    new Headers({ authorization: `Basic ${TOKEN}` }),
    new Headers({ "x-api-key": TOKEN }),
    new Headers([
      ["authorization", `Bearer ${TOKEN}`],
      ["authorization", `Bearer ${TOKEN}`],
    ]),
  ])("is missing", async (headers) => expect(await verdictOn(headers)).toBe("401 missing_api_key"));
});
