// The shared router as tests use it: its URLs and key, and the operator's door.
import { inject } from "vitest";

export interface RouterAccess {
  readonly baseUrl: string;
  /** Inferbase's base, with smart routing's event on. */
  readonly inferbase: string;
  /** OpenAI's base. */
  readonly openai: string;
  readonly apiKey: string;
  readonly managementKey: string;
  readonly adminToken: string;
  readonly accountId: string;
}

export function sharedRouter(): RouterAccess {
  const demo = inject("demo");
  return {
    baseUrl: demo.base_url,
    inferbase: `${demo.base_url}/api/v1/inference`,
    openai: `${demo.base_url}/v1`,
    apiKey: demo.api_key,
    managementKey: demo.management_key,
    adminToken: demo.admin_token,
    accountId: demo.account_id,
  };
}

/** A small model that every region serves. */
export const SMALL = "Qwen/Qwen3-4B";

export const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city now",
    parameters: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    },
  },
} as const;
