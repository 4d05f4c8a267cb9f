// What English instructions say when something is to be made or changed: texts, lists, programs.
// The other half is english-thinking.ts.
import type { Row } from "./row.ts";

export const ENGLISH_MAKING: readonly Row[] = [
  [
    "summarization",
    3.5,
    "summar* | tldr | tl dr | condense | recap | key takeaways | main points | key points",
  ],
  [
    "summarization",
    3,
    "in a nutshell | sum this up | sum it up | boil down | boil this down | sum up | digest of | executive summary",
  ],
  ["summarization", 2.5, "give me the gist | the gist | abstract of | shorten this article | headline for"],
  ["summarization", 2, "meeting notes | bullet points from | a title for this | minutes of"],
  ["translation", 3.5, "translat* | how do you say | how do i say | how to say"],
  ["translation", 3, "whats the word for | what does this mean in english | this mean in english"],
  [
    "extraction",
    3.5,
    "extract | extracting | pull out | pull the | parse out | named entities | list all the names",
  ],
  [
    "extraction",
    2.5,
    "find all the | list every | list all | identify all | keywords | entities | pick out | scrape",
  ],
  [
    "extraction",
    2,
    "key value | fields from | get all the | names mentioned | dates mentioned | find the names",
  ],
  ["extraction", 1.5, "phone numbers | email addresses | as json | into json | json with | mentioned in"],
  ["classification", 3.5, "classif* | categori* | sentiment | positive or negative | positive negative"],
  [
    "classification",
    3,
    "spam or | is it spam | is this spam | true or false | which category | label each | label the",
  ],
  [
    "classification",
    2.5,
    "one of the following categories | toxic | on a scale | rate each | labels | intent of",
  ],
  [
    "classification",
    2,
    "assign | tag each | tag these | sort these into | sort into | same meaning | yes or no",
  ],
  ["classification", 2, "or negative | neutral | what emotion | grade this | score this | duplicates"],
  ["rewriting", 3.5, "rewrit* | rephras* | paraphras* | proofread* | reword* | copyedit | copy edit"],
  [
    "rewriting",
    3,
    "fix the grammar | correct the grammar | grammar | spelling | make this sound | make it sound",
  ],
  [
    "rewriting",
    3,
    "more formal | more professional | less formal | more polite | more concise | more casual",
  ],
  [
    "rewriting",
    2.5,
    "simplify this | plain english | passive voice | active voice | past tense | third person",
  ],
  [
    "rewriting",
    2.5,
    "polish | sound better | sounds better | shorten | make this shorter | make it shorter | tone",
  ],
  [
    "rewriting",
    2,
    "improve this | edit this | edit my | improve my | expand this | reformat | turn this into",
  ],
  [
    "rewriting",
    2,
    "convert this to | convert to bullet | fix typos | typos | make this more | clean up this text",
  ],
  [
    "creative_writing",
    3,
    "poem | poems | haiku | limerick | sonnet | lyrics | rap about | screenplay | fanfic*",
  ],
  [
    "creative_writing",
    3,
    "short story | write a story | tell me a story | bedtime story | write a scene | novel about",
  ],
  [
    "creative_writing",
    2.5,
    "blog post | cover letter | essay | press release | product description | wedding speech",
  ],
  [
    "creative_writing",
    2.5,
    "write an email | write a letter | write a mail | draft an email | write me an email | eulogy",
  ],
  [
    "creative_writing",
    2.5,
    "linkedin post | tweet about | instagram caption | social media post | ad copy | toast for",
  ],
  [
    "creative_writing",
    2,
    "story | song | novel | fiction | monologue | dialogue between | speech | letter to | sketch",
  ],
  [
    "creative_writing",
    2,
    "draft a | draft an | compose | write an article | article about | newsletter | email to",
  ],
  [
    "creative_writing",
    1.5,
    "write a | write an | write me a | email | post | letter | chapter | joke | character who",
  ],
  [
    "brainstorming",
    3.5,
    "brainstorm* | ideas for | some ideas | gift ideas | ideas | name ideas | names for",
  ],
  [
    "brainstorming",
    3,
    "suggest some | suggest a few | come up with | give me some suggestions | suggestions for",
  ],
  ["brainstorming", 2.5, "recommend | recommendations | suggest | suggestions | slogans | taglines | catchy"],
  [
    "brainstorming",
    2,
    "a list of | list of | list some | things to do | alternatives to | what should i name",
  ],
  [
    "brainstorming",
    2,
    "what should i call | good names | what are some | name for my | topics for | activities for",
  ],
  [
    "brainstorming",
    1.5,
    "what can i | options | fun | creative ways | ways to | places to | movies like | books like",
  ],
  ["code_generation", 3, "write a function | write a script | write code | write a program | write a query"],
  [
    "code_generation",
    3,
    "write a python | write a bash | write an sql | write a regex | write unit tests | a regex",
  ],
  [
    "code_generation",
    2.5,
    "implement* | dockerfile | html page | react component | sql query | shell script",
  ],
  ["code_generation", 2.5, "rest api | web scraper | unit tests | one liner | boilerplate | crud | yaml for"],
  [
    "code_generation",
    2,
    "python | javascript | typescript | java | c++ | c# | rust | golang | kotlin | swift | php",
  ],
  [
    "code_generation",
    2,
    "bash | sql | css | html | regex | regexp | django | flask | react | nodejs | node js | numpy",
  ],
  [
    "code_generation",
    2,
    "function that | script that | program that | script to | code to | function to | class that",
  ],
  [
    "code_generation",
    1.5,
    "function | script | program | algorithm | api | endpoint | code | class | module | cli",
  ],
  [
    "code_generation",
    1.5,
    "database | postgres | kubernetes | docker | terraform | github actions | nginx | excel",
  ],
  [
    "code_debug_explain",
    3.5,
    "debug | what does this code | explain this code | review this code | code review",
  ],
  [
    "code_debug_explain",
    3,
    "refactor* | bug | stack trace | traceback | why does this code | fix this code | fix my code",
  ],
  [
    "code_debug_explain",
    3,
    "segfault | compile error | syntax error | typeerror | nullpointerexception | keyerror",
  ],
  [
    "code_debug_explain",
    2.5,
    "what does this function | this function | this script | my code | the bug | the code",
  ],
  [
    "code_debug_explain",
    2.5,
    "throws | exception | the output of | time complexity of this | undefined is not",
  ],
  [
    "code_debug_explain",
    2,
    "what is wrong | whats wrong | my solution | error | not working | doesnt work | fails | crash* | warning | line by line | fix",
  ],
];
