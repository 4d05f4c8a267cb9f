import { expect, it } from "vitest";
import { assertNever } from "../../src/lib/assert-never.ts";

it("assertNever says which variant a cast had hidden", () => {
  expect(() => assertNever({ kind: "new" } as never)).toThrow('unexpected variant: {"kind":"new"}');
});
