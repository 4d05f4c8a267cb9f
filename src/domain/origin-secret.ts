// The value of a secret that a catalog row names. It knows bindings as a record and nothing of who asks.

/** The catalog may name only secrets of origins, so that no row can send our own ones out. */
export function originSecret(bindings: object, name: string): string | null {
  if (!name.startsWith("ORIGIN_")) return null;
  const value: unknown = Reflect.get(bindings, name);
  return typeof value === "string" ? value : null;
}
