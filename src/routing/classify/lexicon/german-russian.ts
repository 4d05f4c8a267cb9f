// Key verbs and nouns of instructions in German and Russian.
import type { Row } from "./row.ts";

export const GERMAN: readonly Row[] = [
  [
    "chat",
    3,
    "hallo | guten morgen | guten tag | guten abend | wie gehts | wie geht es dir | danke | servus | na du",
  ],
  [
    "chat",
    2.5,
    "ich bin traurig | mir ist langweilig | erzahl mir einen witz | bist du ein mensch | ich fuhle mich",
  ],
  [
    "open_qa",
    2,
    "was ist | was sind | wer war | wer ist | wann | wo liegt | warum | wieso | wie funktioniert | erklar*",
  ],
  ["open_qa", 1.5, "wie kann ich | wie lange | was bedeutet | welche | soll ich | darf ich"],
  [
    "closed_qa",
    3,
    "laut text | laut dem | im text | basierend auf | aus dem text | im folgenden text | anhand des",
  ],
  [
    "summarization",
    3.5,
    "zusammenfass* | fasse | fass | zusammen | zusammenfassung | kernaussagen | kernpunkte",
  ],
  ["translation", 3.5, "ubersetz* | wie sagt man"],
  ["extraction", 3.5, "extrahier* | stichworter | schlusselworter | liste alle | finde alle | entnimm"],
  [
    "classification",
    3.5,
    "klassifizier* | kategorisier* | ordne | stimmung | positiv oder negativ | wahr oder falsch",
  ],
  [
    "rewriting",
    3.5,
    "umschreib* | umformulier* | formulier* | korrigier* | formeller | professioneller | rechtschreibung",
  ],
  ["rewriting", 3, "schreib das um | schreibe den satz um | hoflicher | paraphrasier* | verbesser*"],
  [
    "creative_writing",
    2.5,
    "gedicht | geschichte uber | kurzgeschichte | schreib einen | schreibe einen | schreib mir | brief",
  ],
  [
    "creative_writing",
    2.5,
    "schreibe ein | schreibe eine | schreib eine | schreib ein | aufsatz | marchen | verfasse",
  ],
  ["brainstorming", 3, "ideen | vorschlag* | schlag mir | schlage | empfiehl | namen fur | brainstorm*"],
  [
    "code_generation",
    2.5,
    "code | funktion | programm das | skript | sql abfrage | algorithmus | programmier*",
  ],
  [
    "code_debug_explain",
    3,
    "diesen code | dieser code | mein code | fehlermeldung | debugg* | diese funktion | fehler",
  ],
  [
    "math",
    3,
    "berechne* | lose | gleichung | ableitung | wahrscheinlichkeit | wie viel | wie viele | wurzel | beweise",
  ],
  ["reasoning", 3, "ratsel | logik | wer lugt | grosser als | alter als | schlussfolger* | folgt daraus"],
  [
    "analysis",
    3,
    "analysier* | vergleich* | vor und nachteile | bewerte | beurteile | auswirkungen | kritik | diskutier*",
  ],
  [
    "planning_agentic",
    3,
    "plane | reiseplan | einen plan | zeitplan | trainingsplan | buche | organisier* | erinnere mich",
  ],
];

export const RUSSIAN: readonly Row[] = [
  [
    "chat",
    3,
    "привет | здравствуй* | добрый день | доброе утро | добрый вечер | как дела | спасибо | как ты",
  ],
  ["chat", 2.5, "мне грустно | мне скучно | расскажи анекдот | ты человек | поговори со мной | я чувствую"],
  [
    "open_qa",
    2,
    "что такое | кто такой | кто был | кто | когда | где находится | почему | зачем | как работает | объясн*",
  ],
  ["open_qa", 1.5, "как | какой | какая | сколько времени | что значит | можно ли"],
  ["closed_qa", 3, "согласно тексту | в тексте | из текста | по тексту | на основе текста | исходя из"],
  [
    "summarization",
    3.5,
    "резюмир* | кратко изложи | краткое содержание | перескаж* | суммир* | основные мысли | кратко",
  ],
  ["translation", 3.5, "перевед* | перевод* | как сказать | как будет"],
  ["extraction", 3.5, "извлек* | выпиши | ключевые слова | найди все | перечисли все"],
  [
    "classification",
    3.5,
    "классифиц* | определи тональность | тональность | позитивный или негативный | категори*",
  ],
  [
    "rewriting",
    3.5,
    "перепиши | перефразир* | исправь ошибки | отредактир* | более формальн* | перефразируй | исправь текст",
  ],
  [
    "creative_writing",
    2.5,
    "стих* | рассказ | сказк* | напиши письмо | сочини | эссе | напиши пост | напиши историю | поэм*",
  ],
  [
    "brainstorming",
    3,
    "идеи | идей | придумай | предложи | посоветуй | порекоменд* | варианты названий | названия для",
  ],
  ["code_generation", 2.5, "код | функцию | напиши программу | скрипт | запрос sql | алгоритм | на python"],
  [
    "code_debug_explain",
    3,
    "этот код | мой код | этом коде | что делает | ошибка в коде | почему не работает | отлад*",
  ],
  [
    "math",
    3,
    "вычисл* | реши | решите | уравнени* | производн* | вероятност* | сколько будет | сколько | интеграл | докажи",
  ],
  [
    "reasoning",
    3,
    "загадк* | головоломк* | логическ* | кто лжет | кто врет | выше чем | старше | выше | следует ли",
  ],
  [
    "analysis",
    3,
    "проанализир* | анализ | сравни* | плюсы и минусы | оцени | преимущества и недостатки | влияние",
  ],
  [
    "planning_agentic",
    3,
    "план | составь план | спланир* | расписание | маршрут | забронир* | напомни | организ*",
  ],
];
