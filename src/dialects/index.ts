// The table of dialects. To add one: a file, and a row here.
import type { Dialect } from "./dialect.ts";
import { inferbase, openai } from "./openai.ts";

export const DIALECTS: readonly Dialect[] = [inferbase, openai];
