// The Worker's vars and secrets of a local run: from the environment where given, else those made once.
// It does not know what the Worker does with them.
import type { LocalSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Secrets of origins by name; the environment wins over the keys made for simulators. */
export function originSecrets(settings: Settings, secrets: LocalSecrets): Readonly<Record<string, string>> {
  return { ...secrets.originKeys, ...settings.originSecrets };
}

export function workerBindings(settings: Settings, secrets: LocalSecrets): Readonly<Record<string, string>> {
  return {
    LOCAL: "true",
    LEASE_S: String(settings.leaseS),
    ADMIN_TOKEN: settings.adminToken ?? secrets.adminToken,
    KEY_PEPPERS: secrets.keyPeppers,
    ROUTE_KEYS: secrets.routeKeys,
    SESSION_KEY: secrets.sessionKey,
    ...settings.handedOn,
    ...originSecrets(settings, secrets),
  };
}
