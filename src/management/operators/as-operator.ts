// Operators' guard in the form that bodies and pages ask for. A session's cookie is nothing here.
import { authenticateOperator } from "../../auth/operator.ts";
import type { Ports } from "../../domain/ports.ts";

/** @throws RouterError missing_api_key | invalid_api_key */
export async function asOperator(ports: Ports, request: Request): Promise<void> {
  await authenticateOperator(ports, request.headers);
}
