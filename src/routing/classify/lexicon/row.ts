// The shape of a word list's row, shared by the lists and by what compiles them.
import type { RoutingTask } from "../../../domain/route.ts";

/**
 * Task, weight, then phrases separated by `|`. A trailing `*` makes a word a stem. Weight 3 all but
 * decides, 2 speaks clearly, 1 leans. Accents may be written; they are folded as the prompt's are.
 */
export type Row = readonly [RoutingTask, number, string];
