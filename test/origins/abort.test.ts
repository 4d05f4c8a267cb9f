import { describe, expect, it, vi } from "vitest";
import { type AbortLine, type AbortReason, abortLine, failureOfAbort } from "../../src/origins/abort.ts";

describe("an abort line", () => {
  it("follows its parent and takes over the reason", () => {
    const parent = abortLine();
    const line = abortLine(parent.signal);
    parent.abort("caller");
    expect([line.signal.aborted, line.signal.reason]).toEqual([true, "caller"]);
  });

  it("begins cut where its parent is", () => {
    const parent = abortLine();
    parent.abort("revoked");
    expect(abortLine(parent.signal).signal.reason).toBe("revoked");
  });

  it("does not cut its parent, nor its siblings", () => {
    const parent = abortLine();
    const [line, sibling] = [abortLine(parent.signal), abortLine(parent.signal)];
    line.abort("ttft");
    expect([parent.signal.aborted, sibling.signal.aborted]).toEqual([false, false]);
  });

  it("keeps its first reason", () => {
    const line = abortLine();
    line.abort("idle");
    line.abort("done");
    expect(line.signal.reason).toBe("idle");
  });

  it("leaves nothing behind at its parent, cut or only let go of", () => {
    const endings = [(line: AbortLine) => line.abort("done"), (line: AbortLine) => line.detach()];
    for (const end of endings) {
      const parent = abortLine();
      const added = vi.spyOn(parent.signal, "addEventListener");
      const removed = vi.spyOn(parent.signal, "removeEventListener");
      end(abortLine(parent.signal));
      expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
    }
  });

  it("that let go of its parent is not cut with it", () => {
    const parent = abortLine();
    const line = abortLine(parent.signal);
    line.detach();
    parent.abort("caller");
    expect(line.signal.aborted).toBe(false);
  });
});

describe("the failure of an abort", () => {
  it.each<[AbortReason, string, boolean]>([
    ["caller", "client_closed_request", false],
    ["done", "client_closed_request", false],
    ["revoked", "key_revoked", false],
    ["closed", "overloaded", false],
    ["total", "upstream_timeout", false],
    ["ttft", "upstream_timeout", true],
    ["idle", "upstream_timeout", false],
  ])("%s is %s, worth another try: %s", (reason, code, isRetryable) => {
    expect(failureOfAbort(reason)).toMatchObject({ code, isRetryable, status: null, retryAfterMs: null });
  });
});
