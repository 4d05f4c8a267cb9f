// What must stand in nothing that leaves the router: keys and addresses of origins, prompts, stacks. Pure: texts in,
// findings out.

export interface Canary {
  readonly what: string;
  readonly pattern: RegExp;
}

/** A line of a stack, ours or an origin's. */
const STACK: Canary = {
  what: "a stack",
  pattern: /(?:^|\\n|\s)at (?:async )?(?:[^\s"]+ )?\(?[^\s()"]*(?:\.\w+|\/[^\s()":]+):\d+:\d+/,
};

export interface Secrets {
  readonly originKey: string;
  /** `host:port` of each. */
  readonly addresses: readonly string[];
  readonly prompt: string;
}

export function canariesOf({ originKey, addresses, prompt }: Secrets): readonly Canary[] {
  return [
    { what: "an origin's key", pattern: new RegExp(escaped(originKey)) },
    { what: "an origin's address", pattern: new RegExp(addresses.map(escaped).join("|")) },
    { what: "a prompt", pattern: new RegExp(escaped(prompt)) },
    STACK,
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The sentences of what was found; empty is good. */
export function leaks(canaries: readonly Canary[], where: string, text: string): readonly string[] {
  return canaries.flatMap(({ what, pattern }) => {
    const found = pattern.exec(text);
    if (found === null) return [];
    const around = text.slice(Math.max(0, found.index - 100), found.index + 200);
    return [`${what} in ${where}: ${around}`];
  });
}
