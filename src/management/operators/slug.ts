// Short names of accounts for paths and model ids, made from what people call them. Whether one is taken
// only the directory knows.
import { randomBase62 } from "../../lib/base62.ts";

const MAX_LENGTH = 40;
const SUFFIX_LENGTH = 6;

/** Lower-case ASCII letters, digits and single dashes between them. */
export function slugOf(name: string): string {
  const ascii = name.normalize("NFKD").replaceAll(/\p{Mark}/gu, "");
  const slug = trimmed(ascii.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), MAX_LENGTH);
  return slug === "" ? "account" : slug;
}

/** The same slug, told apart by chance: 36⁶ ways, give or take the two cases that fold into one. */
export function withSuffix(slug: string, randomBytes: (length: number) => Uint8Array): string {
  const suffix = randomBase62(SUFFIX_LENGTH, randomBytes).toLowerCase();
  return `${trimmed(slug, MAX_LENGTH - SUFFIX_LENGTH - 1)}-${suffix}`;
}

function trimmed(slug: string, length: number): string {
  return slug.replace(/^-/, "").slice(0, length).replace(/-$/, "");
}
