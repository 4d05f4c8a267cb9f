// The words simulated models know. Lists only: how they become sentences is text.ts's business.
// Some are not ASCII on purpose, so that streams carry characters of two to eleven bytes.

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

export const NOUNS = words(`
  answer archive balance beacon bridge budget buffer cache canal castle channel city climate clock cloud
  coast compass concert corridor cycle deadline decision delta desert diagram dialect discovery draft
  echo engine estimate evening experiment façade factor festival figure filter forecast forest garden
  glacier harbour history horizon island journey kernel kettle ladder lantern ledger letter library
  machine margin market meadow memory mirror model moment morning mountain naïveté network notebook
  orchard orbit package palette pattern piano pipeline planet platform poem pressure principle problem
  process proof question railway reason receipt recipe region résumé river rocket rumour sample school
  season sentence sequence shelter signal silence solution station storm story summary surface table
  teacher temple theory thread threshold ticket token tower traffic treaty tunnel valley vector village
  violin voyage weather window winter workshop
`);

export const VERBS = words(`
  absorbs accepts adjusts amplifies anchors answers approaches balances borrows bounds builds carries
  clarifies collects combines compares completes connects contains corrects counts covers crosses
  describes divides doubles earns encloses explains extends filters follows frames gathers guards guides
  improves informs invites joins keeps lifts limits links measures mirrors moves names needs orders
  outlives permits predicts prevents protects reaches reads rebuilds reduces replaces reveals rewards
  shapes shields signals simplifies smooths solves splits steers strengthens supports surrounds teaches
  tests tracks translates unlocks updates verifies weighs
`);

export const ADJECTIVES = words(`
  ancient autumnal brave bright broad brief bustling calm careful clear clever coastal common complete
  concrete curious daily deep delicate distant double early eager elegant empty exact faint familiar fast
  final formal fragile fresh gentle global golden honest hidden hollow humble idle large late lively
  local lucky mild modern modest narrow naïve nearby noisy northern open ordinary patient plain polite
  precise private public quiet rapid rare recent regular remote robust rough rural scarce sharp shared
  silent simple slow small smooth solid southern spare stable steady subtle sudden tidy useful vast
  warm western wide wooden young
`);

export const ADVERBS = words(`
  almost barely briefly carefully clearly closely constantly early easily evenly exactly finally freely
  gently gladly gradually honestly kindly largely locally nearly often once plainly promptly quickly
  quietly rarely safely seldom slowly soon steadily twice usually
`);

export const PLACES = words(`
  Lisbon Nairobi Zürich Kraków Montréal Reykjavík Málaga Łódź København Αθήνα Київ 東京 서울 دبي Mumbai
  Valparaíso Oslo Tbilisi Accra Wellington
`);

/** Emoji of one, two and several code points: joiners and flags are where careless splitting breaks. */
export const SIGNS = words("🙂 🚀 ☕ 🌍 ✨ 👩‍💻 🇪🇺 ❤️ 📈 👍🏽");
