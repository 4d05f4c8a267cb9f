// Vars and secrets of the Worker under test in workerd. None of them opens anything elsewhere.

export const WORKER_BINDINGS = {
  // Leases short enough to see one end within a test.
  LEASE_S: "1",
  // The runtime under test has no jurisdictions.
  LOCAL: "true",
  ADMIN_TOKEN: "operator-token-of-the-worker-tests",
  KEY_PEPPERS: "1:pepper-of-the-worker-tests",
  ROUTE_KEYS: "1:route-key-of-the-worker-tests",
  SESSION_KEY: "session-key-of-the-worker-tests-",
  ALLOWED_ORIGINS: "https://dashboard.example",
  JWT_ISSUER: "https://login.example/",
  JWT_AUDIENCE: "inferroute",
  JWT_JWKS_URL: "https://login.example/keys",
} as const;
