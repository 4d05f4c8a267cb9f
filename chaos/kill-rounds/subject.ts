// The account that a load is put on, and what everybody who takes part in it is given.
import type { Dice } from "../../sim/seeded.ts";
import type { Client } from "../client.ts";
import type { Price } from "../wire.ts";
import type { Witness } from "./witness.ts";

export interface Subject {
  readonly accountId: string;
  readonly managementKey: string;
  readonly adminToken: string;
  readonly price: Price;
  readonly witness: Witness;
}

export interface LoadPlan {
  readonly client: Client;
  readonly subject: Subject;
  readonly dice: Dice;
  /** Makes references unlike those of other rounds. */
  readonly name: string;
}

/** In bursts: what must be written at once takes along what could have waited, and would hide how that is lost. */
export const PAUSES_MS = [5, 10, 20, 40, 400];
