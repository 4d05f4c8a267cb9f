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
  /** Local runs reach loopback origins over plain http. */
  readonly isLocal: boolean;
}
