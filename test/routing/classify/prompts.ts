// Natural prompts over all 16 tasks and several languages, written for these tests as people write:
// some terse, some messy. The rules and these prompts have the same authors: agreement here is a floor
// against regressions, not a measure of accuracy.
import type { RoutingTask } from "../../../src/domain/route.ts";

export interface Labelled {
  readonly task: RoutingTask;
  readonly language: string;
  readonly text: string;
}

const ARTICLE =
  "The harbour town of Ostwick lost its ferry last spring after the operator could no longer pay for repairs. Since then commuters have driven forty minutes around the bay, shops near the pier report a third less trade, and the council has been looking for a buyer. Two bids came in by June, one from a Norwegian line and one from a group of local fishermen, but neither includes the winter timetable that residents ask for.";

const SNIPPET =
  "```python\ndef mean(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total / len(x)\n```";

export const PROMPTS: readonly Labelled[] = [
  { task: "chat", language: "en", text: "hey, how are you doing today?" },
  { task: "chat", language: "en", text: "ugh i'm so tired, today was awful" },
  { task: "chat", language: "es", text: "Hola, ¿qué tal? Estoy un poco aburrido" },
  { task: "chat", language: "de", text: "Guten Morgen! Wie geht es dir heute?" },
  { task: "chat", language: "hi", text: "नमस्ते, आप कैसे हैं?" },
  { task: "open_qa", language: "en", text: "Why is the sky dark at night if there are so many stars?" },
  { task: "open_qa", language: "en", text: "how do i get red wine out of a carpet" },
  { task: "open_qa", language: "fr", text: "Pourquoi les feuilles tombent-elles en automne ?" },
  { task: "open_qa", language: "pt", text: "O que é inflação e por que ela acontece?" },
  { task: "open_qa", language: "ar", text: "ما هي عاصمة أستراليا ولماذا ليست سيدني؟" },
  { task: "closed_qa", language: "en", text: `${ARTICLE}\n\nWho made the two bids for the ferry?` },
  {
    task: "closed_qa",
    language: "en",
    text: `Using only the text below, when did the bids arrive?\n\n${ARTICLE}`,
  },
  {
    task: "closed_qa",
    language: "es",
    text: `Según el texto, ¿por qué cerró el ferry?\n\n"El ferry de la bahía dejó de navegar en marzo porque la empresa no podía pagar las reparaciones del motor, según explicó la alcaldesa."`,
  },
  {
    task: "summarization",
    language: "en",
    text: `Sum this up in two sentences for a newsletter:\n\n${ARTICLE}`,
  },
  { task: "summarization", language: "en", text: `${ARTICLE}\n\ntl;dr please` },
  {
    task: "summarization",
    language: "zh",
    text: "请用一句话概括下面这段话：去年春天，港口小镇的渡轮因为公司付不起修理费而停运，居民只好绕海湾开车四十分钟上班，码头附近的商店生意减少了三分之一。",
  },
  {
    task: "summarization",
    language: "it",
    text: "Riassumi in una frase: Il traghetto della baia ha smesso di navigare a marzo perché la società non poteva più pagare le riparazioni, e da allora i pendolari guidano quaranta minuti intorno al golfo.",
  },
  { task: "translation", language: "en", text: 'Translate into French: "The train to Lyon leaves at nine."' },
  { task: "translation", language: "en", text: "how do you say 'where is the pharmacy' in Portuguese?" },
  {
    task: "translation",
    language: "de",
    text: "Übersetze ins Englische: Der Zug hat heute leider Verspätung.",
  },
  {
    task: "translation",
    language: "ja",
    text: "次の文を英語に翻訳してください：明日は友達と海に行く予定です。",
  },
  {
    task: "extraction",
    language: "en",
    text: `Extract every place and company mentioned as JSON.\n\n${ARTICLE}`,
  },
  {
    task: "extraction",
    language: "en",
    text: "pull out the phone numbers: Call Ana on 555-0142 or, after six, Ben at 555-0199. The fax (555-0100) is dead.",
  },
  {
    task: "extraction",
    language: "ru",
    text: "Извлеки все даты из письма: «Встреча 3 мая, отчёт сдать до 10 июня.»",
  },
  {
    task: "classification",
    language: "en",
    text: "Is this review positive or negative? The soup was cold and nobody cared.",
  },
  {
    task: "classification",
    language: "en",
    text: "Put each ticket into one of billing, bug, feature:\n1. I was charged twice\n2. The app closes when I rotate the phone",
  },
  {
    task: "classification",
    language: "pt",
    text: "Classifique o sentimento: adorei o atendimento, volto sempre!",
  },
  {
    task: "rewriting",
    language: "en",
    text: "make this sound more professional: hey boss cant come in tmrw, feeling sick, sorry",
  },
  {
    task: "rewriting",
    language: "en",
    text: "Fix the grammar: Him and me was going to the store yesterday.",
  },
  {
    task: "rewriting",
    language: "fr",
    text: "Reformule cette phrase de façon plus polie : Envoyez-moi le dossier aujourd'hui.",
  },
  { task: "rewriting", language: "zh", text: "帮我润色一下这句话：我觉得这个产品很好用，大家都应该买。" },
  {
    task: "creative_writing",
    language: "en",
    text: "Write a short story about a lighthouse keeper who is afraid of the sea.",
  },
  { task: "creative_writing", language: "en", text: "i need a funny poem for my grandpa's 80th birthday" },
  { task: "creative_writing", language: "ar", text: "اكتب قصيدة قصيرة عن المطر" },
  { task: "creative_writing", language: "it", text: "Scrivi una favola su un gatto che vuole volare." },
  {
    task: "brainstorming",
    language: "en",
    text: "Give me 10 name ideas for a coffee truck run by two brothers",
  },
  { task: "brainstorming", language: "en", text: "what are some cheap date ideas for a rainy weekend" },
  {
    task: "brainstorming",
    language: "ja",
    text: "子どもの誕生日パーティーのアイデアをいくつか提案してください",
  },
  {
    task: "brainstorming",
    language: "de",
    text: "Schlag mir fünf Namen für einen Podcast über alte Brücken vor.",
  },
  {
    task: "code_generation",
    language: "en",
    text: "Write a Python function that returns the n-th Fibonacci number.",
  },
  {
    task: "code_generation",
    language: "en",
    text: "sql query to get the top 3 customers by revenue per month, tables orders(id, customer_id, total, created_at)",
  },
  {
    task: "code_generation",
    language: "es",
    text: "Escribe un script de bash que borre los archivos de más de 30 días.",
  },
  {
    task: "code_generation",
    language: "ru",
    text: "Напиши функцию на Python, которая проверяет, является ли строка палиндромом.",
  },
  { task: "code_debug_explain", language: "en", text: `Why does this crash?\n\n${SNIPPET}` },
  {
    task: "code_debug_explain",
    language: "en",
    text: `can you review this and suggest a refactor\n${SNIPPET}`,
  },
  {
    task: "code_debug_explain",
    language: "en",
    text: "I get TypeError: Cannot read properties of undefined (reading 'map') in my React component, what's wrong?",
  },
  { task: "code_debug_explain", language: "zh", text: `这段代码为什么报错？\n${SNIPPET}` },
  { task: "math", language: "en", text: "Solve for x: 3x^2 - 12x + 9 = 0" },
  {
    task: "math",
    language: "en",
    text: "A train leaves at 8:15 and travels 210 km at 84 km/h. How many minutes does the trip take?",
  },
  { task: "math", language: "fr", text: "Calcule la dérivée de f(x) = x^3 - 4x + 1." },
  { task: "math", language: "hi", text: "एक आयत की लंबाई 12 और चौड़ाई 5 है, क्षेत्रफल कितना होगा?" },
  {
    task: "reasoning",
    language: "en",
    text: "Anna is older than Bea, Bea is older than Cleo. Can we conclude that Cleo is the youngest?",
  },
  {
    task: "reasoning",
    language: "en",
    text: "One of three boxes holds a ring. Each label is wrong but one. Solve this logic puzzle and tell me where the ring is.",
  },
  {
    task: "reasoning",
    language: "ru",
    text: "Реши логическую загадку: один брат всегда лжёт, другой говорит правду. Кто лжёт?",
  },
  {
    task: "analysis",
    language: "en",
    text: "What are the pros and cons of a four-day work week for a small bakery?",
  },
  {
    task: "analysis",
    language: "en",
    text: "Compare renting and buying a home in a city with falling prices.",
  },
  { task: "analysis", language: "pt", text: "Analise as vantagens e desvantagens da energia nuclear." },
  { task: "analysis", language: "zh", text: "分析一下远程办公对年轻员工职业发展的影响" },
  {
    task: "planning_agentic",
    language: "en",
    text: "Plan a 4-day trip to Lisbon with two kids, no car, around 900 euros.",
  },
  {
    task: "planning_agentic",
    language: "en",
    text: "remind me to call the dentist tomorrow at 9 and book a table for two at seven",
  },
  {
    task: "planning_agentic",
    language: "it",
    text: "Organizza un piano di studio di sei settimane per l'esame di chimica.",
  },
  { task: "planning_agentic", language: "ja", text: "京都への二泊三日の旅行計画を立ててください" },
];
