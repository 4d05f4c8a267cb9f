// Names of languages after a preposition: "into French", "al inglés", "auf Deutsch", "на английский".
// Weak alone ("answer in French" translates nothing), strong beside a quoted text.
import type { Row } from "./row.ts";

const ENGLISH_NAMES = [
  "english",
  "french",
  "spanish",
  "german",
  "italian",
  "portuguese",
  "chinese",
  "mandarin",
  "japanese",
  "korean",
  "russian",
  "arabic",
  "hindi",
  "dutch",
  "polish",
  "turkish",
  "latin",
  "greek",
  "hebrew",
  "swedish",
  "vietnamese",
  "thai",
  "ukrainian",
  "indonesian",
];

export const LANGUAGE_NAMES: readonly Row[] = [
  ...ENGLISH_NAMES.map((name): Row => ["translation", 2, `into ${name} | to ${name}`]),
  ...ENGLISH_NAMES.map((name): Row => ["translation", 1.5, `in ${name} | from ${name}`]),
  [
    "translation",
    1.5,
    "al ingles | al espanol | al frances | al aleman | al portugues | en ingles | del ingles",
  ],
  ["translation", 1.5, "en anglais | en espagnol | en allemand | en francais | en italien | en chinois"],
  [
    "translation",
    1.5,
    "para o ingles | para ingles | para o espanhol | em ingles | para portugues | para o portugues",
  ],
  ["translation", 1.5, "in inglese | in francese | in tedesco | in spagnolo | in italiano"],
  [
    "translation",
    1.5,
    "ins englische | auf englisch | ins deutsche | ins franzosische | ins spanische | auf deutsch",
  ],
  [
    "translation",
    1.5,
    "на английский | на русский | на немецкий | на французский | на испанский | по английски",
  ],
  [
    "translation",
    1.5,
    "成英文 | 成中文 | 成英语 | 成日语 | 成法语 | 英語に | 日本語に | إلى الإنجليزية | إلى العربية | अंग्रेजी में",
  ],
];
