// An identity provider for tests: keys of each algorithm, tokens as it would sign them, and as forgers would.
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import type { DirectoryEntry } from "../../src/domain/ports.ts";
import { type FakePorts, fakePorts } from "../support/fake-ports.ts";

export const PROVIDER = {
  issuer: "https://login.example/",
  audience: "inferroute",
  jwksUrl: "https://login.example/keys",
};
export const SUBJECT = "user|1";

const PAIRS = {
  EdDSA: await generateKeyPair("EdDSA", { extractable: true }),
  ES256: await generateKeyPair("ES256", { extractable: true }),
  RS256: await generateKeyPair("RS256", { extractable: true }),
};
export type Algorithm = keyof typeof PAIRS;
export const ALGORITHMS: readonly Algorithm[] = ["EdDSA", "ES256", "RS256"];

/** What the provider publishes: `kid` is the algorithm's name. */
export const JWKS = {
  keys: await Promise.all(
    ALGORITHMS.map(async (alg) => ({
      ...(await exportJWK(PAIRS[alg].publicKey)),
      kid: alg,
      alg,
      use: "sig",
    })),
  ),
};

/** The public key as text: what a forger would use as the key of an HMAC. */
export const PUBLIC_PEM = await exportSPKI(PAIRS.RS256.publicKey);

export interface TokenChanges {
  readonly alg?: Algorithm;
  readonly header?: Readonly<Record<string, unknown>>;
  /** undefined takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export async function makeToken(changes: TokenChanges = {}): Promise<string> {
  const { alg = "EdDSA", header = {}, claims = {} } = changes;
  const nowS = Math.floor(Date.now() / 1000);
  const { issuer: iss, audience: aud } = PROVIDER;
  const payload = { iss, aud, sub: SUBJECT, iat: nowS, exp: nowS + 600, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(payload)))
    .setProtectedHeader({ alg, kid: alg, typ: "JWT", ...header })
    .sign(PAIRS[alg].privateKey);
}

/** Ports of a router that trusts the provider, whose directory knows these accounts. */
export function trustingPorts(
  accounts: readonly DirectoryEntry[],
  answer: () => Response = publish,
): FakePorts {
  const fake = fakePorts({
    config: { identityProvider: PROVIDER },
    fetchPublic: async () => answer(),
  });
  const directory = {
    ...fake.ports.directory,
    findBySubject: async (macs: readonly string[]) =>
      accounts.find(({ subjectMac }) => subjectMac !== null && macs.includes(subjectMac)) ?? null,
  };
  return { ...fake, ports: { ...fake.ports, directory } };
}

export function publish(): Response {
  return Response.json(JWKS);
}
