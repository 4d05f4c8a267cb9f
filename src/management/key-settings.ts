// The bodies of POST and PATCH /keys, and what they mean: fields by form here, names against the catalog as
// the account sees it. Who may grant what is keys.ts's business.
import * as z from "zod";
import type { KeySettings } from "../domain/account-commands.ts";
import { isVisible } from "../domain/catalog.ts";
import { invalid } from "../domain/errors.ts";
import type { AccountId } from "../domain/ids.ts";
import { MODES } from "../domain/inference.ts";
import { DEFAULT_SCOPES, SCOPES } from "../domain/key.ts";
import { fromUsd } from "../domain/money.ts";
import type { Ports } from "../domain/ports.ts";
import { listed, quoted } from "../routing/policy.ts";
import { MAX_POOL_ENTRIES, readPool, unmatchedEntry } from "../routing/pool.ts";
import { usdField } from "./usd-field.ts";

/** Names for people. */
const MAX_NAME_CHARACTERS = 100;
/** Longer than any model id, alias or region. */
const MAX_ENTRY_CHARACTERS = 256;
/** Nobody's budget; a slipped decimal point is caught. */
const MAX_BUDGET_USD = 1_000_000_000;

const entry = z.string().min(1).max(MAX_ENTRY_CHARACTERS);

const name = z.string().min(1).max(MAX_NAME_CHARACTERS);

/** What may be changed later; null takes a setting away. */
const settings = {
  model_pool: z.array(entry).min(1).max(MAX_POOL_ENTRIES).nullable().optional(),
  optimize_mode: z.enum(MODES).nullable().optional(),
  region: entry.nullable().optional(),
  rpm: z.int().min(1).nullable().optional(),
  budget: z
    .strictObject({ amount_usd: usdField(MAX_BUDGET_USD), period: z.enum(["month", "total"]) })
    .nullable()
    .optional(),
};

export const keyChanges = z.strictObject({ name: name.optional(), ...settings });

export const newKeyFields = z.strictObject({
  name,
  ...settings,
  deployment: z.null({ error: "Unknown deployment: leave this out." }).optional(),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .default([...DEFAULT_SCOPES]),
  expires_at: z.iso
    .datetime({ offset: true, error: "Send a time in RFC 3339, such as 2030-01-31T12:00:00Z." })
    .nullable()
    .default(null),
});

const NO_SETTINGS: Omit<KeySettings, "name"> = {
  modelPool: null,
  optimizeMode: null,
  region: null,
  rpm: null,
  budget: null,
};

/** Every setting of a new key: what was not said is null. */
export function settingsOf(fields: z.output<typeof newKeyFields>): KeySettings {
  return { ...NO_SETTINGS, name: fields.name, ...changesOf(fields) };
}

/** Only what was said: an absent field stays as it is. */
export function changesOf(fields: z.output<typeof keyChanges>): Partial<KeySettings> {
  const { model_pool, optimize_mode, region, rpm, budget } = fields;
  return {
    ...(fields.name === undefined ? {} : { name: fields.name }),
    ...(model_pool === undefined ? {} : { modelPool: model_pool }),
    ...(optimize_mode === undefined ? {} : { optimizeMode: optimize_mode }),
    ...(region === undefined ? {} : { region }),
    ...(rpm === undefined ? {} : { rpm }),
    ...(budget === undefined ? {} : { budget: budgetOf(budget) }),
  };
}

function budgetOf(budget: z.output<typeof settings.budget>): KeySettings["budget"] {
  if (budget === null || budget === undefined) return null;
  return { amountMicroUsd: fromUsd(budget.amount_usd), period: budget.period };
}

/** @throws RouterError 400 for a region or a pool entry that names nothing this account can see. */
export async function checkNames(
  ports: Ports,
  accountId: AccountId,
  changes: Partial<KeySettings>,
): Promise<void> {
  const catalog = await ports.catalog();
  const { modelPool, region } = changes;
  if (typeof region === "string" && !catalog.regions.has(region)) {
    const known = listed([...catalog.regions.keys()]);
    throw invalid("region", `There is no region ${quoted(region)}. Regions: ${known}.`);
  }
  if (modelPool === undefined || modelPool === null) return;
  const visible = catalog.rows.models.filter((model) => isVisible(model, accountId));
  const unmatched = unmatchedEntry(readPool(modelPool, catalog), visible, catalog);
  if (unmatched === null) return;
  const param = `model_pool[${modelPool.indexOf(unmatched)}]`;
  throw invalid(param, `${quoted(unmatched)} matches no model: GET /models lists the models you can use.`);
}
