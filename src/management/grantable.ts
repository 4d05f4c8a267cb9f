// What a key may hand on: no more than it has itself, whether it makes a new key or a new secret of an old one.
import { RouterError } from "../domain/errors.ts";
import type { KeyRecord, Scope } from "../domain/key.ts";

/** Each scope once. @throws RouterError scope_missing: nobody can give away what they do not have. */
export function grantable(granter: KeyRecord, scopes: readonly Scope[]): readonly Scope[] {
  const lacking = scopes.find((scope) => !granter.scopes.includes(scope));
  if (lacking === undefined) return [...new Set(scopes)];
  throw new RouterError(
    "scope_missing",
    `This API key lacks the scope '${lacking}' and cannot grant it: list other 'scopes', or use a key that has it.`,
    { param: "scopes" },
  );
}
