import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/auth/api-key.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { Http, HttpEnv } from "../../src/http.ts";
import { mountUsage } from "../../src/management/usage.ts";
import { ACCOUNT, fakePorts } from "./fake-ports.ts";
import { type FakeMonths, fakeUsageLog } from "./fake-usage-log.ts";
import { SUMMARY_LINE, shownRow } from "./usage-rows.ts";

const MINUTE_MS = 60_000;

async function askText(months: FakeMonths, path: string, accept: string): Promise<Response> {
  const ports = fakePorts({}, { usageLog: fakeUsageLog(months) });
  const app: Http = new Hono<HttpEnv>();
  app.use("*", async (c, next) => {
    c.set("ports", ports);
    c.set("requestId", "req_0000000000000000000001" as RequestId);
    await next();
  });
  mountUsage(app, "");
  const { raw } = await makeKey(fakePorts(), ACCOUNT);
  return await app.request(path, { headers: { authorization: `Bearer ${raw}`, accept } });
}

describe("usage as CSV", () => {
  it("rows come with a header row, one line each, and the cursor in a header", async () => {
    const rows = [shownRow(2, MINUTE_MS, { user: "=1+1", tags: null }), shownRow(1, 2 * MINUTE_MS)];
    const response = await askText({ rows }, "/usage?limit=1", "text/csv");
    expect(response.headers.get("content-type")).toContain("text/csv");
    expect(response.headers.get("x-next-cursor")).toMatch(/^[\w-]+$/);
    const [header = "", line = "", end] = (await response.text()).split("\r\n");
    const json = await (await askText({ rows }, "/usage?limit=1", "*/*")).json<{ data: readonly object[] }>();
    expect(header.split(",")).toEqual(Object.keys(json.data[0] ?? {}));
    expect(line).toContain("req_2,,2026-10-01T11:59:00.000Z,key_00000001");
    expect(line).toContain('"[{""model"":""A/x""');
    expect(line.endsWith(",'=1+1,")).toBe(true);
    expect(end).toBe("");
  });

  it("a summary comes with the column of its group", async () => {
    const summary = () => ({ ok: true, lines: [{ ...SUMMARY_LINE, group: "A/x" }] }) as const;
    const response = await askText({ summary }, "/usage/summary?group=model", "text/csv;q=0.9, */*;q=0.1");
    const [header = "", line = ""] = (await response.text()).split("\r\n");
    expect(header).toMatch(/^start,model,requests,errors,refused,/);
    expect(line).toMatch(/^2026-10-01T12:00:00.000Z,A\/x,3,1,2,10,5,2.5,100,,4$/);
    expect(response.headers.get("x-next-cursor")).toBeNull();
  });

  it("nothing comes to who names JSON first", async () => {
    const response = await askText({}, "/usage", "application/json, text/csv");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("vary")).toBe("accept");
  });
});
