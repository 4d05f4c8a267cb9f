// Writes the ids of created resources into wrangler.toml, and touches nothing else in it. Pure text.
import { fault } from "../local/fault.ts";

export interface ResourceIds {
  readonly databaseId: string;
  readonly namespaceId: string;
}

export function withResourceIds(wranglerToml: string, { databaseId, namespaceId }: ResourceIds): string {
  const withDatabase = replaceOnce(wranglerToml, /^database_id = ".*"$/m, `database_id = "${databaseId}"`);
  return replaceOnce(withDatabase, /^id = ".*"$/m, `id = "${namespaceId}"`);
}

function replaceOnce(content: string, line: RegExp, replacement: string): string {
  if (!line.test(content))
    throw fault(`wrangler.toml has no line like ${replacement}: restore it, then run again.`);
  return content.replace(line, replacement);
}
