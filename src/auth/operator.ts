// The operators' one token, compared in constant time. Keys of accounts never pass here.
import { RouterError } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import { base64url } from "../lib/base64.ts";
import { hmacSha256, isEqualConstantTime } from "../lib/hmac.ts";

/** @throws RouterError missing_api_key | invalid_api_key unless the request bears ADMIN_TOKEN. */
export async function authenticateOperator(ports: Ports, headers: Headers): Promise<void> {
  const match = /^bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "");
  const token = match?.[1];
  if (token === undefined) {
    throw new RouterError("missing_api_key", "Send the operator token as 'Authorization: Bearer …'.");
  }
  const { adminToken } = ports.config;
  // Hashing both sides gives texts of equal length, so that the comparison leaks no length either.
  const [given, wanted] = await Promise.all([
    hmacSha256(adminToken, token),
    hmacSha256(adminToken, adminToken),
  ]);
  if (!isEqualConstantTime(base64url(given), base64url(wanted))) {
    throw new RouterError("invalid_api_key", "The operator token is wrong: use the value of ADMIN_TOKEN.");
  }
}
