import { describe, expect, it } from "vitest";
import { type Env, readConfig } from "../src/env.ts";

const GOOD = {
  ADMIN_TOKEN: "operator-token-of-at-least-32-characters",
  KEY_PEPPERS: "2:pepper-two-of-16-characters, 1:pepper-one-of-16-characters",
  ROUTE_KEYS: "1:route-key-of-16-characters",
  SESSION_KEY: "session-key-of-at-least-32-characters",
};
const PROVIDER = {
  JWT_ISSUER: "https://login.example/",
  JWT_AUDIENCE: "inferroute",
  JWT_JWKS_URL: "https://login.example/keys",
};
/** Bindings are not read here. */
const read = (vars: Readonly<Record<string, string | undefined>>) => readConfig(vars as unknown as Env);

describe("the configuration", () => {
  it("has secrets by version, the current one first, and nobody else who signs in", () => {
    expect(read(GOOD)).toEqual({
      adminToken: GOOD.ADMIN_TOKEN,
      peppers: [
        { version: 2, value: "pepper-two-of-16-characters" },
        { version: 1, value: "pepper-one-of-16-characters" },
      ],
      routeKeys: [{ version: 1, value: "route-key-of-16-characters" }],
      sessionKey: GOOD.SESSION_KEY,
      allowedOrigins: [],
      identityProvider: null,
      hedgeShare: 0,
      isLocal: false,
    });
    expect(
      read({ ...GOOD, ALLOWED_ORIGINS: "", JWT_ISSUER: "", JWT_AUDIENCE: "", JWT_JWKS_URL: "" }),
    ).toEqual(read(GOOD));
  });

  it.each(Object.keys(GOOD))("names a missing %s", (name) => {
    expect(() => read({ ...GOOD, [name]: undefined })).toThrow(name);
    expect(() => read({ ...GOOD, [name]: "short" })).toThrow(name);
  });

  it("has allowed origins as browsers write them", () => {
    const ALLOWED_ORIGINS = "https://a.example, http://localhost:5173,";
    expect(read({ ...GOOD, ALLOWED_ORIGINS }).allowedOrigins).toEqual([
      "https://a.example",
      "http://localhost:5173",
    ]);
  });

  it.each(["*", "https://a.example/", "https://a.example/x", "a.example", "https://A.example", "null"])(
    "refuses the origin %s, which no browser would send",
    (ALLOWED_ORIGINS) => {
      expect(() => read({ ...GOOD, ALLOWED_ORIGINS })).toThrow("ALLOWED_ORIGINS");
    },
  );

  it("hedges a share of a twentieth at most, and none unless it is told to", () => {
    expect(["", "0", "0.02", "0.05"].map((HEDGE_SHARE) => read({ ...GOOD, HEDGE_SHARE }).hedgeShare)).toEqual(
      [0, 0, 0.02, 0.05],
    );
    for (const HEDGE_SHARE of ["0.06", "-0.01", "5 %", "NaN"]) {
      expect(() => read({ ...GOOD, HEDGE_SHARE })).toThrow("HEDGE_SHARE");
    }
  });

  it("has an identity provider whole", () => {
    expect(read({ ...GOOD, ...PROVIDER }).identityProvider).toEqual({
      issuer: "https://login.example/",
      audience: "inferroute",
      jwksUrl: "https://login.example/keys",
    });
    for (const name of Object.keys(PROVIDER)) {
      expect(() => read({ ...GOOD, ...PROVIDER, [name]: "" })).toThrow("JWT_JWKS_URL");
    }
  });

  it("takes the provider's keys from https alone, but in local runs", () => {
    const plain = { ...GOOD, ...PROVIDER, JWT_JWKS_URL: "http://127.0.0.1:9000/keys" };
    expect(() => read(plain)).toThrow("JWT_JWKS_URL");
    expect(read({ ...plain, LOCAL: "true" }).identityProvider?.jwksUrl).toBe(plain.JWT_JWKS_URL);
    expect(() => read({ ...plain, LOCAL: "true", JWT_JWKS_URL: "ftp://x/keys" })).toThrow("JWT_JWKS_URL");
  });
});
