// Key verbs and nouns of instructions in Spanish, French, Portuguese and Italian.
// Written with or without accents: both fold to the same words.
import type { Row } from "./row.ts";

export const SPANISH: readonly Row[] = [
  [
    "chat",
    3,
    "hola | buenos dias | buenas tardes | buenas noches | que tal | como estas | gracias | me siento",
  ],
  ["chat", 2.5, "estoy triste | estoy aburrid* | cuentame un chiste | eres humano | hablemos | me aburro"],
  [
    "open_qa",
    2,
    "que es | quien fue | quien es | cuando fue | donde esta | por que | como funciona | cual es | explica*",
  ],
  ["open_qa", 1.5, "como puedo | como se | que significa | cuanto tiempo | debo | puedo | cuales son"],
  [
    "closed_qa",
    3,
    "segun el texto | segun el | en el texto | del texto | el siguiente texto | basandote en | segun la",
  ],
  ["summarization", 3.5, "resum* | resumen | puntos clave | ideas principales"],
  ["translation", 3.5, "traduc* | traduz* | como se dice"],
  [
    "extraction",
    3.5,
    "extrae* | extraer | enumera todos | palabras clave | saca los | identifica los nombres",
  ],
  [
    "classification",
    3.5,
    "clasifi* | categoriza* | sentimiento | positivo o negativo | es spam | verdadero o falso",
  ],
  [
    "rewriting",
    3.5,
    "reescrib* | reformula* | corrige | corregir | mas formal | mas profesional | ortografia | parafrasea",
  ],
  [
    "creative_writing",
    2.5,
    "poema | cuento | escribe un | escribe una | redacta | carta | ensayo | historia sobre | correo",
  ],
  [
    "brainstorming",
    3,
    "ideas | lluvia de ideas | sugiere* | recomienda* | nombres para | propon* | sugerencias",
  ],
  ["code_generation", 2.5, "codigo | funcion | programa que | consulta sql | algoritmo | un script"],
  [
    "code_debug_explain",
    3,
    "este codigo | mi codigo | depura* | por que falla | que hace esta funcion | da error",
  ],
  [
    "math",
    3,
    "calcula* | resuelve | ecuacion | derivada | probabilidad | cuanto es | cuantos | raiz cuadrada | demuestra",
  ],
  [
    "reasoning",
    3,
    "acertijo | adivinanza | enigma | logica | quien miente | mas alto que | mayor que | deduc*",
  ],
  [
    "analysis",
    3,
    "analiza* | compara* | ventajas y desventajas | evalua* | critica | impacto de | pros y contras",
  ],
  [
    "planning_agentic",
    3,
    "planific* | itinerario | un plan | plan de | calendario | reserva | organiza* | recuerdame",
  ],
];

export const FRENCH: readonly Row[] = [
  [
    "chat",
    3,
    "bonjour | salut | bonsoir | ca va | comment vas tu | comment allez vous | merci | coucou | je me sens",
  ],
  [
    "chat",
    2.5,
    "je suis triste | je m ennuie | raconte moi une blague | tu es humain | jmennuie | je mennuie",
  ],
  [
    "open_qa",
    2,
    "qu est ce | quest ce | qui est | qui a | quand | ou se | pourquoi | comment | quelle est | explique*",
  ],
  [
    "closed_qa",
    3,
    "selon le texte | dapres le | d apres le | dans le texte | selon le | texte suivant | dapres ce",
  ],
  ["summarization", 3.5, "resum* | synthese | points cles | en bref | idees principales"],
  ["translation", 3.5, "tradui* | traduction | comment dit on"],
  ["extraction", 3.5, "extrai* | extraction | releve les | mots cles | liste tous les"],
  [
    "classification",
    3.5,
    "classe les | classifi* | categoris* | sentiment | positif ou negatif | vrai ou faux | classe ces",
  ],
  [
    "rewriting",
    3.5,
    "reecri* | reformul* | corrig* | plus formel | plus professionnel | orthographe | paraphras*",
  ],
  [
    "creative_writing",
    2.5,
    "poeme | conte | ecris un | ecris une | redige* | lettre | histoire courte | nouvelle | dissertation",
  ],
  ["brainstorming", 3, "idees | propose* | sugger* | recommand* | noms pour | trouve moi des"],
  ["code_generation", 2.5, "code | fonction | programme qui | script | requete sql | algorithme"],
  [
    "code_debug_explain",
    3,
    "ce code | mon code | debogu* | cette fonction | pourquoi ca plante | une erreur",
  ],
  [
    "math",
    3,
    "calcule* | resous | resoudre | equation | derivee | probabilite | combien | integrale | demontre*",
  ],
  ["reasoning", 3, "devinette | enigme | logique | qui ment | plus grand que | plus age que | dedui*"],
  [
    "analysis",
    3,
    "analyse* | compar* | avantages et inconvenients | evalue* | critique | impact de | pour et contre",
  ],
  [
    "planning_agentic",
    3,
    "planifi* | itineraire | un plan | programme de | calendrier | reserve* | organise* | rappelle moi",
  ],
];

export const PORTUGUESE: readonly Row[] = [
  ["chat", 3, "ola | bom dia | boa tarde | boa noite | tudo bem | como voce esta | obrigad* | oi | me sinto"],
  ["chat", 2.5, "estou triste | estou entediad* | conta uma piada | voce e humano | me conta"],
  [
    "open_qa",
    2,
    "o que e | quem foi | quem e | quando foi | onde fica | por que | como funciona | qual e | expli*",
  ],
  ["closed_qa", 3, "de acordo com o | segundo o | no texto | texto abaixo | com base no | de acordo com"],
  ["summarization", 3.5, "resum* | pontos principais | principais pontos"],
  ["translation", 3.5, "traduz* | traduc* | como se diz"],
  ["extraction", 3.5, "extrai* | extraia | palavras chave | liste todos"],
  ["classification", 3.5, "classifi* | categoriz* | sentimento | positivo ou negativo | verdadeiro ou falso"],
  [
    "rewriting",
    3.5,
    "reescrev* | reformul* | corrij* | corrig* | mais formal | mais profissional | gramatica | parafrase*",
  ],
  [
    "creative_writing",
    2.5,
    "poema | conto | escreva um | escreva uma | redija | carta | historia sobre | redacao | um email",
  ],
  ["brainstorming", 3, "ideias | sugira | sugest* | recomend* | nomes para | sugere"],
  ["code_generation", 2.5, "codigo | funcao | programa que | consulta sql | algoritmo | um script"],
  [
    "code_debug_explain",
    3,
    "este codigo | esse codigo | meu codigo | depur* | por que falha | da erro | esta funcao",
  ],
  [
    "math",
    3,
    "calcul* | resolva | equacao | derivada | probabilidade | quanto e | quantos | raiz quadrada | prove que",
  ],
  ["reasoning", 3, "charada | enigma | logica | quem mente | mais alto que | mais velho que | deduz*"],
  [
    "analysis",
    3,
    "analis* | compar* | vantagens e desvantagens | avali* | critica | impacto d* | pros e contras",
  ],
  [
    "planning_agentic",
    3,
    "planej* | roteiro de | um plano | plano de | cronograma | reserve | organiz* | me lembre",
  ],
];

export const ITALIAN: readonly Row[] = [
  ["chat", 3, "ciao | buongiorno | buonasera | come stai | come va | grazie | mi sento | salve"],
  ["chat", 2.5, "sono triste | mi annoio | raccontami una barzelletta | sei umano"],
  [
    "open_qa",
    2,
    "che cose | cose | chi e | chi ha | quando | dove si | perche | come funziona | qual e | spieg*",
  ],
  ["closed_qa", 3, "secondo il testo | in base al | nel testo | del testo | testo seguente | secondo il"],
  ["summarization", 3.5, "riassum* | riassunto | sintetizz* | punti chiave | sintesi"],
  ["translation", 3.5, "traduc* | traduzione | come si dice"],
  ["extraction", 3.5, "estra* | estrai | parole chiave | elenca tutti"],
  [
    "classification",
    3.5,
    "classific* | categorizz* | sentimento | positivo o negativo | positiva o negativa | vero o falso",
  ],
  [
    "rewriting",
    3.5,
    "riscriv* | riformul* | correggi* | piu formale | piu professionale | grammatica | parafras*",
  ],
  [
    "creative_writing",
    2.5,
    "poesia | racconto | scrivi un | scrivi una | scrivimi | lettera | storia su | favola | tema su",
  ],
  ["brainstorming", 3, "idee | sugger* | consigli* | nomi per | proponi | proposte"],
  ["code_generation", 2.5, "codice | funzione | programma che | uno script | query sql | algoritmo"],
  [
    "code_debug_explain",
    3,
    "questo codice | mio codice | debug | perche non funziona | da errore | questa funzione",
  ],
  [
    "math",
    3,
    "calcol* | risolvi | equazione | derivata | probabilita | quanto fa | quanti | radice quadrata | dimostra",
  ],
  ["reasoning", 3, "indovinello | enigma | logica | chi mente | piu alto di | piu vecchio di | deduc*"],
  [
    "analysis",
    3,
    "analizz* | confront* | vantaggi e svantaggi | valuta | critica | impatto d* | pro e contro",
  ],
  [
    "planning_agentic",
    3,
    "pianific* | itinerario | un piano | piano di | programma di | prenota | organizz* | ricordami",
  ],
];
