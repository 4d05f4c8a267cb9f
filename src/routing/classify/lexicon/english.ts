// What English instructions say for each task, in two halves: words for making and changing text,
// words for knowing and thinking.
import type { Row } from "./row.ts";

export const ENGLISH_MAKING: readonly Row[] = [
  [
    "summarization",
    3.5,
    "summar* | tldr | tl dr | condense | recap | key takeaways | main points | key points",
  ],
  ["summarization", 3, "in a nutshell | boil down | boil this down | sum up | digest of | executive summary"],
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
    "error | not working | doesnt work | fails | crash* | warning | line by line | fix",
  ],
];

export const ENGLISH_THINKING: readonly Row[] = [
  ["chat", 3.5, "hi | hello | hey | good morning | good evening | how are you | whats up | hey there | sup"],
  ["chat", 3, "thank you | thanks | good night | bye | nice to meet you | tell me a joke | are you human"],
  ["chat", 3, "how was your day | who are you | are you an ai | whats your name | do you like | i feel"],
  [
    "chat",
    2.5,
    "im feeling | im so | im bored | im sad | i am sad | i feel so | lets chat | talk to me | lonely",
  ],
  [
    "chat",
    2.5,
    "pretend you are | pretend to be | roleplay | role play | you are my | lets play | do you have feelings",
  ],
  [
    "chat",
    2,
    "i love you | my girlfriend | my boyfriend | haha | lol | just wanted to | guess what | favorite",
  ],
  [
    "chat",
    3,
    "your name | your age | who made you | who created you | real person | a human | made you | you born",
  ],
  [
    "chat",
    2.5,
    "your favorite | tell me a good joke | good joke | you think of me | talk to you | your creator | a joke",
  ],
  ["chat", 1.5, "do you | are you | im | today was | my day | stay in character | act as"],
  [
    "open_qa",
    2.5,
    "what is | what are | whats | who is | who was | who invented | when did | when was | where is",
  ],
  [
    "open_qa",
    2.5,
    "explain how | explain why | explain what | how does | how do | why do | why does | why is",
  ],
  ["open_qa", 1.8, "tell me about | difference between | what happens | what causes | meaning of | define"],
  [
    "open_qa",
    2,
    "how to | how can i | how do i | how should i | what does | explain | describe | is it safe",
  ],
  [
    "open_qa",
    2,
    "can you explain | why are | where can | when is | which country | how long | how far | how tall",
  ],
  [
    "open_qa",
    1.5,
    "what | who | why | where | when | how | should i | is it | can i | do i need | history of",
  ],
  [
    "closed_qa",
    3.5,
    "according to the | based on the | based on this | in the passage | from the passage | passage",
  ],
  [
    "closed_qa",
    3,
    "given the context | the context | in the text | from the text | using the | the following passage",
  ],
  [
    "closed_qa",
    3,
    "according to this | in this article | in the article | read the | the paragraph | answer from",
  ],
  [
    "closed_qa",
    2.5,
    "the table | the document | this document | this contract | does it say | does the text",
  ],
  [
    "closed_qa",
    2,
    "answer the question | in this email | in the email | mentioned above | the above | this policy",
  ],
  [
    "math",
    3,
    "calculate | compute | solve for | solve the equation | equation | integral | derivative | differentiate",
  ],
  [
    "math",
    3,
    "probability that | probability of | the probability | prove that | theorem | eigenvalue* | determinant",
  ],
  [
    "math",
    3,
    "square root | percent of | simplify the expression | factor the | polynomial | modulo | prime number*",
  ],
  [
    "math",
    2.5,
    "solve | how many | how much does | what is the sum | area of | volume of | perimeter | hypotenuse",
  ],
  [
    "math",
    2.5,
    "average speed | interest rate | compound interest | matrix | logarithm | sin x | cos x | x squared",
  ],
  [
    "math",
    2,
    "times | divided by | plus | minus | percent | sum of | product of | ratio | triangle | circle",
  ],
  ["math", 2.5, "times | length of the | diameter | radius | convert | kilometers in | inches in | fraction"],
  ["math", 1.5, "how much | total | cost | per hour | each | average | remaining | left | equals | mean and"],
  [
    "reasoning",
    3.5,
    "riddle | puzzle | logic puzzle | brain teaser | knights and knaves | syllogism | who is lying",
  ],
  ["reasoning", 3, "next number in | next in the sequence | comes next | can we conclude | does it follow"],
  [
    "reasoning",
    3,
    "is it valid | which of the following must | deduce | logically | infer | always tells the truth",
  ],
  [
    "reasoning",
    2.5,
    "taller than | older than | younger than | faster than | sits next to | to the left of | is to",
  ],
  [
    "reasoning",
    2.5,
    "who is the | what am i | if all | all of the | odd one out | sisters | brothers | then who",
  ],
  [
    "reasoning",
    2,
    "most likely | which of the following | what would happen if | premise | conclusion | therefore",
  ],
  [
    "reasoning",
    1.5,
    "correct answer | exactly one | must be | could be | statement | statements | think step by step",
  ],
  [
    "analysis",
    3.5,
    "analyze | analyse | analysis | pros and cons | strengths and weaknesses | swot | critique",
  ],
  [
    "analysis",
    3,
    "compare | evaluate | assess | advantages and disadvantages | trade offs | tradeoffs | implications",
  ],
  [
    "analysis",
    3,
    "interpret | critically | argue | what are the risks | root cause | feedback on | your opinion on",
  ],
  [
    "analysis",
    2.5,
    "impact of | effects of | versus | vs | is better | better choice | which is better | trends",
  ],
  [
    "analysis",
    2.5,
    "discuss | examine | to what extent | themes | symbolism | insights | should we | should companies",
  ],
  [
    "analysis",
    2,
    "role of | influence of | perspective* | consequences | arguments | what do you think | the data show",
  ],
  [
    "planning_agentic",
    3.5,
    "itinerary | schedule | roadmap | plan a | plan my | study plan | workout plan | meal plan",
  ],
  [
    "planning_agentic",
    3,
    "make a plan | create a plan | plan for | remind me | set an alarm | set a timer | book a",
  ],
  [
    "planning_agentic",
    3,
    "step by step plan | project plan | day plan | week plan | action plan | training plan | plan to",
  ],
  [
    "planning_agentic",
    2.5,
    "organize | timetable | milestones | add to my calendar | my calendar | send an email to",
  ],
  [
    "planning_agentic",
    2.5,
    "turn on | turn off | order me | find me a flight | flights from | reserve | cancel my | to do list",
  ],
  [
    "planning_agentic",
    2,
    "strategy for | budget for | checklist | phases | launch plan | plan | weather in | search for",
  ],
];
