// Text to comparable words: lower case, accents of Latin letters folded, bounded in number and
// length. Scripts without spaces stay as they are; the lexicon searches those as text.

export interface Word {
  readonly text: string;
  /** It opens a sentence or a line: where imperatives stand. */
  readonly isFirst: boolean;
}

/** An instruction that needs more words than this has said what it wants long before. */
export const MAX_WORDS = 400;
/** No word of the lexicon is longer; the rest of an endless word says nothing. */
const MAX_WORD_CHARS = 32;

export function wordsOf(text: string): readonly Word[] {
  const folded = fold(text);
  const words: Word[] = [];
  let start = -1;
  let isFirst = true;
  for (let i = 0; i <= folded.length && words.length < MAX_WORDS; i++) {
    const code = i < folded.length ? folded.charCodeAt(i) : 0x20;
    if (isWordCode(code)) {
      if (start < 0) start = i;
      continue;
    }
    // "don't" is one word without its apostrophe, in both typographies.
    if (start >= 0 && (code === 0x27 || code === 0x2019) && isWordCode(folded.charCodeAt(i + 1))) continue;
    if (start >= 0) {
      words.push({ text: plain(folded.slice(start, Math.min(i, start + MAX_WORD_CHARS))), isFirst });
      isFirst = false;
      start = -1;
    }
    if (isSentenceEnd(code, folded.charCodeAt(i + 1))) isFirst = true;
  }
  return words;
}

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

function plain(word: string): string {
  return word.replaceAll("'", "").replaceAll("’", "");
}

/** Letters, digits, and the + and # of C++ and C#; beyond ASCII all but spaces and punctuation. */
function isWordCode(code: number): boolean {
  if (code >= 0x61 && code <= 0x7a) return true;
  if (code >= 0x30 && code <= 0x39) return true;
  if (code === 0x2b || code === 0x23 || code === 0x5f) return true;
  if (code <= 0xbf || (code >= 0x2000 && code <= 0x206f)) return false;
  return !isWidePunctuation(code) && code !== 0x60c && code !== 0x61f && code !== 0x964;
}

function isWidePunctuation(code: number): boolean {
  return (code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff0f) || isWideStop(code);
}

function isWideStop(code: number): boolean {
  return code === 0xff1a || code === 0xff1b || code === 0xff1f;
}

/** Points inside "node.js", "8:15" and "tl;dr" end nothing: a space must follow (or the text end). */
function isSentenceEnd(code: number, next: number): boolean {
  switch (code) {
    case 0x0a:
    case 0xbf:
    case 0xa1:
    case 0x3002:
      return true;
    case 0x21:
    case 0x2e:
    case 0x3a:
    case 0x3b:
    case 0x3f:
      return !(next > 0x20);
    default:
      return false;
  }
}
