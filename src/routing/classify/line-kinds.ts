// Tells code and table rows from prose, line by line, by a few signs each. A guess on purpose: a
// wrong line costs little, because callers look at counts of lines.

/** Longer lines are minified or prose; either way their first part shows what they are. */
const MAX_LINE_CHARS = 240;

const CODE_ENDINGS = [";", "{", "}", "};", "):", ");", "})", "});", "],", "=>", "*/"];
const CODE_OPENINGS = [
  "import ",
  "from ",
  "def ",
  "class ",
  "function ",
  "const ",
  "let ",
  "var ",
  "return ",
  "public ",
  "private ",
  "static ",
  "#include",
  "using ",
  "package ",
  "func ",
  "fn ",
  "struct ",
  "async ",
  "await ",
  "console.",
  "print(",
  "printf(",
  "SELECT ",
  "INSERT ",
  "UPDATE ",
  "FROM ",
  "WHERE ",
  "CREATE ",
  "</",
  "<div",
  "<html",
  "<script",
  "//",
  "/*",
  "@",
  "$ ",
  ">>> ",
  "Traceback",
  'File "',
  "at ",
  "} else",
  "else:",
  "try:",
  "except",
];
const CODE_MIDDLES = [
  "=>",
  "->",
  "::",
  "==",
  "!=",
  "+=",
  "&&",
  "||",
  "();",
  " = ",
  "[i]",
  "</",
  "self.",
  "this.",
  "NULL",
];

export function isCodeLine(line: string): boolean {
  const text = line.trim().slice(0, MAX_LINE_CHARS);
  if (text.length < 2) return text === "}" || text === "{";
  let signs = 0;
  if (CODE_ENDINGS.some((ending) => text.endsWith(ending))) signs += 2;
  if (CODE_OPENINGS.some((opening) => text.startsWith(opening))) signs++;
  if (CODE_MIDDLES.some((middle) => text.includes(middle))) signs++;
  if (isCallLike(text)) signs++;
  if (isIndented(line)) signs++;
  return signs >= 2;
}

/** At least three cells by bars, tabs or commas without the spaces of a sentence. */
export function isTableLine(line: string): boolean {
  const text = line.slice(0, MAX_LINE_CHARS);
  if (separators(text, "|") >= 2 || separators(text, "\t") >= 2) return true;
  return separators(text, ",") >= 2 && separators(text, " ") <= separators(text, ",") + 1;
}

/** `name(`: an opening bracket right after a letter, closed on the same line. */
function isCallLike(text: string): boolean {
  const open = text.indexOf("(");
  if (open < 1 || text.indexOf(")", open) < 0) return false;
  const before = text[open - 1] ?? " ";
  return (before >= "a" && before <= "z") || (before >= "A" && before <= "Z") || before === "_";
}

function isIndented(line: string): boolean {
  return line.startsWith("  ") || line.startsWith("\t");
}

function separators(text: string, separator: string): number {
  let count = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) count++;
  return count;
}
