// Lone surrogates, which JSON writes as escapes, are no text: Python servers answer 500 to them, and one caller could
// make every origin look broken. Each becomes the replacement character.

/** JSON as JSON.stringify writes it. Pairs are never escaped there, and an escaped backslash passes with its own. */
export function wellFormedJson(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replaceAll(/\\(?:u(d[89a-f]..)|.)/g, (written, lone) =>
    lone === undefined ? written : "\ufffd",
  );
}
