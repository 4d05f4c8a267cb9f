// Gives a running Worker what a local run promises: a catalog whose simulated origins are up. It asks the
// Worker through the operator API alone and does not know how the Worker was started.
import type { CatalogRows } from "../../src/domain/catalog.ts";
import type { Api } from "./api.ts";
import { defaultCatalog, readStoredCatalog, storeCatalog } from "./catalog-source.ts";
import { fault } from "./fault.ts";
import type { Settings } from "./settings.ts";
import { baseOf, basesOf, findMissingSecret } from "./simulated-origins.ts";
import { type RunningSimulator, readKeptPlaces, startSimulators } from "./simulators.ts";

export interface Equipment {
  readonly settings: Settings;
  /** Of CATALOG_FILE; null without one. */
  readonly fileRows: CatalogRows | null;
  readonly adminToken: string;
  readonly originSecrets: Readonly<Record<string, string>>;
}

export async function equip(api: Api, equipment: Equipment): Promise<readonly RunningSimulator[]> {
  const { adminToken } = equipment;
  const wanted = await chooseRows(api, equipment);
  refuseMissingSecrets(wanted.rows, equipment.originSecrets);
  const { simulators, rows } = await simulate(wanted, equipment);
  if (!wanted.isStored || isMoved(wanted.rows, rows)) await storeCatalog(api, adminToken, rows);
  return simulators;
}

interface Choice {
  readonly rows: CatalogRows;
  readonly isStored: boolean;
  /** Addresses in `rows` that mean simulators. */
  readonly formerBases: readonly string[];
}

async function chooseRows(api: Api, { settings, fileRows, adminToken }: Equipment): Promise<Choice> {
  const keptBases = readKeptPlaces(settings.stateDir).map(({ port }) => baseOf(port));
  if (fileRows !== null) {
    const formerBases = [...keptBases, ...defaultBases(settings)];
    return { rows: fileRows, isStored: false, formerBases };
  }
  const stored = await readStoredCatalog(api, adminToken);
  if (stored !== null) return { rows: stored, isStored: true, formerBases: keptBases };
  return { rows: defaultCatalog(), isStored: false, formerBases: basesOf(defaultCatalog()) };
}

/** A copy of the default catalog means the simulators, unless somebody brings the secrets of its origins. */
function defaultBases({ originSecrets }: Settings): readonly string[] {
  const rows = defaultCatalog();
  const origins = rows.origins.filter(({ secret }) => secret === null || originSecrets[secret] === undefined);
  return basesOf({ ...rows, origins });
}

function refuseMissingSecrets(rows: CatalogRows, secrets: Readonly<Record<string, string>>): void {
  const missing = findMissingSecret(rows, new Set(Object.keys(secrets)));
  if (missing === null) return;
  const { origin, secret } = missing;
  throw fault(
    `The catalog's origin "${origin}" needs the secret ${secret}: set that environment variable, or change the row.`,
  );
}

async function simulate(choice: Choice, { settings, originSecrets }: Equipment) {
  if (settings.simulators.mode === "off") return { simulators: [], rows: choice.rows };
  return startSimulators({
    stateDir: settings.stateDir,
    firstPort: settings.simulators.firstPort,
    rows: choice.rows,
    formerBases: choice.formerBases,
    fallback: defaultCatalog(),
    secrets: originSecrets,
  });
}

function isMoved(before: CatalogRows, after: CatalogRows): boolean {
  return before.origins.some((origin, index) => origin.base_url !== after.origins[index]?.base_url);
}
