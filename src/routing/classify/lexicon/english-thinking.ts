// What English instructions say when something is to be known or thought through, or nothing at all.
// The other half is english-making.ts.
import type { Row } from "./row.ts";

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
    1.8,
    "what is | what are | whats | who is | who was | who invented | when did | when was | where is",
  ],
  [
    "open_qa",
    1.8,
    "explain how | explain why | explain what | how does | how do | why do | why does | why is",
  ],
  ["open_qa", 1.8, "tell me about | difference between | what happens | what causes | meaning of | define"],
  [
    "open_qa",
    1.5,
    "how to | how can i | how do i | how should i | what does | explain | describe | is it safe",
  ],
  [
    "open_qa",
    1.5,
    "can you explain | why are | where can | when is | which country | how long | how far | how tall",
  ],
  [
    "open_qa",
    0.8,
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
    4.5,
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
  ["closed_qa", 3.5, "the text below | text below | the text above | only the text"],
  ["reasoning", 2.5, "first order logic | hypotheses | best explains | explain your reasoning"],
  ["analysis", 3, "what if | what would have happened | ethical challenges | ethical implications"],
  [
    "planning_agentic",
    3,
    "book me | set a reminder | transfer | from my list | to my list | following tools",
  ],
  ["planning_agentic", 2.5, "text mom | send a message | call an uber | set the alarm | sign me up | pay my"],
];
