// What one deployment is configured with; read once per isolate by src/env.ts.

/** A secret with its version; two versions are accepted so that secrets can be rotated. */
export interface VersionedSecret {
  readonly version: number;
  readonly value: string;
}

export interface Config {
  readonly adminToken: string;
  /** MACs the stored form of keys; the current version first, at most two. */
  readonly peppers: readonly VersionedSecret[];
  /** MACs the route tag inside keys; the current version first, at most two. */
  readonly routeKeys: readonly VersionedSecret[];
  /** Signs the tokens in the cookies of sessions. */
  readonly sessionKey: string;
  /** Web origins, besides our own, whose pages may act with a session. */
  readonly allowedOrigins: readonly string[];
  /** null: nobody signs in with tokens of others. */
  readonly identityProvider: IdentityProvider | null;
  /** Share of the short whole requests that may be asked at two origins at once; 0: none. */
  readonly hedgeShare: number;
  /** Local runs reach loopback origins over plain http. */
  readonly isLocal: boolean;
}

/** Who issues the JWTs that are accepted as Bearer, for whom, and where its public keys are. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
}
