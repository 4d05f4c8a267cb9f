// Text as the lexicon searches it where words cannot be told apart by spaces: lower case, accents of
// Latin letters folded, vowel marks of Arabic left out. Knows no words.

/** Lower case; Latin letters lose their accents, because people leave them out. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (isAscii(lower)) return lower;
  let folded = "";
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    folded += FOLDED.get(code) ?? lower[i];
  }
  return folded;
}

/** Latin-1 and Latin Extended-A to their base letters; the marks of Arabic vowels to nothing. */
const FOLDED: ReadonlyMap<number, string> = foldTable();

function foldTable(): ReadonlyMap<number, string> {
  const table = new Map<number, string>([
    [0xdf, "ss"],
    [0xf8, "o"],
    [0x142, "l"],
    [0x131, "i"],
    [0x451, "е"],
  ]);
  for (let code = 0xe0; code < 0x180; code++) {
    const base = String.fromCharCode(code).normalize("NFD")[0];
    if (base !== undefined && base.charCodeAt(0) < 0x80) table.set(code, base);
  }
  for (let code = 0x64b; code <= 0x652; code++) table.set(code, "");
  return table;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
