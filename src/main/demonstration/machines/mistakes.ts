/** Past tenses that people put where the participle belongs: "must have fell". */
const past =
  "ate|began|bit|broke|came|chose|did|drank|drew|drove|fell|flew|forgot|froze|gave|grew|hid|knew|ran|rode|sang|saw|shook|spoke|stole|swam|threw|took|went|woke|wore|wrote";
const modal = "can|could|may|might|must|should|will|would";
const weekday = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";

const words: readonly RegExp[] = [
  /\b(advices|baggages|breads|equipments|evidences|furnitures|homeworks|informations|knowledges|luggages|traffics)\b/,
  /\b(childs|deers|foots|mans|mouses|peoples|sheeps|tooths|womans)\b/,
  /\b(bringed|buyed|catched|costed|cutted|drived|eated|falled|goed|hurted|putted|runned|teached|thinked|writed)\b/,
  /\b(could|would|should|must) of\b|\birregardless\b|\bthem (books|days|people|shoes|things)\b/,
  /\b(learn|learned|borrow|borrowed) (her|him|me|them|us)\b|\b(laid|laying) (in|on) (bed|the (beach|bed|grass|sofa|sun))\b/,
  /\b(everything|nothing|something|all) what\b|\b(boy|friend|girl|man|people|person|teacher|woman) which\b/,
  /\b(its|their|your) (a|been|going|not|welcome)\b|\b(it's|they're|you're) own\b|\b(did|do|does) a (decision|mistake|photo)\b/,
  /\b(return|returned|reply|replied) back\b|\brepeat(ed)? again\b|\bfree gift\b|\bmy \w+ (he|she)\b/,
  /\ba (animal|apple|egg|empty|hour|idea|island|old|open|orange|umbrella|uncle)\b|\ban (book|cat|dog|house|university|useful)\b/,
];

const number: readonly RegExp[] = [
  /\bmuch (\w+s|people|children)\b|\b(few|fewer|many) (bread|information|milk|money|rain|time|traffic|water)\b/,
  /\bless (books|cars|chairs|children|days|errors|hours|mistakes|people|things|visitors|words)\b|\bamount of (\w+s|people)\b/,
  /\b(he|it|she|everybody|everyone|nobody|somebody) (are|do|don't|go|have|know|like|need|say|want|were)\b/,
  /\b(they|we|you|children|people) (doesn't|has|is|was|wasn't)\b|\b(that|this) \w+s (are|were)\b/,
  /\b(there|here)( i|')s (a few|many|several|ten|three|two)\b/,
  /\b(a (box|group|list|pair|set)|each|either|every one|neither|one) of (\w+ ){1,3}(are|do|have|were)\b/,
];

const negation: readonly RegExp[] = [
  /\b(neither|never|nobody|none|not|nothing)\b.*(n't|\b(neither|never|no|nobody|nothing|none))\b/,
  /n't\b.*\b(never|no|nobody|none|nothing)\b/,
];

const verbs: readonly RegExp[] = [
  new RegExp(`\\b(${modal})( not)? (have )?(${past})\\b|\\b(been|being|had|has|have|having) (${past})\\b`),
  new RegExp(`\\b(${modal}) to\\b|\\b(am|are|is|was|were) (\\w+ )?(${past})\\b`),
  /\bdid(n't| not)? (\w+ed|ate|bought|came|found|gave|got|had|knew|left|saw|told|took|was|went|were)\b/,
  /\bif (i|you|he|she|it|we|they) would\b(?! like)|\b(after|as soon as|before|if|until|when) \w+ will\b/,
  /\bsince (how long|\w+ (days|hours|months|weeks|years))\b|\b(am|are|is) (here|living|waiting|working) (for|since)\b/,
  /\b(have|has) \w+ .*\b(yesterday|ago|last (month|night|week|year))\b/,
  /\b(look|looking|looks) forward to (get|go|have|hear|meet|see|visit|work)\b|\b(let|made|make|makes) \w+ to \w+/,
  /\b(avoid|avoided|enjoy|enjoyed|enjoys|finished|suggest) to \w+|\bwants? (that|\w+ing)\b|\bwould rather to\b/,
  /\b(am|is|are) agree\b|\b(explained|explain|said|suggested) me\b/,
];

const order: readonly RegExp[] = [
  /\b(know|remember|tell me|understand|wonder|wondered) (how|what|when|where|why) (are|did|do|does|is|was|were)\b/,
  /\b(cotton|glass|leather|metal|plastic|wooden|woollen) (\w+ )?(big|large|little|new|nice|old|round|small|square)\b/,
  /\b(black|blue|brown|green|red|white) (beautiful|big|large|little|long|new|nice|old|small)\b/,
  /\bvery much (enjoy|like|love)\b|\b(like|love|play|speak) (so|too|very) (much|well) \w+|\benough (big|good|large|old|warm)\b/,
  /\bhow (it|he|she) (looks|is called)\b|\bhow \w+ looks? like\b/,
  // A participle whose subject is another one: "Walking home, the rain began."
  /^(\w+ )?\w+ing\b[^,]*, (his|her|my|our|the|their|it) (\w+ ){0,2}(barked|began|blew|broke|fell|had|hit|rang|seemed|was|were)\b/,
  // A list whose members do not match: "watching a film and go to bed".
  /\b\w+ing .* and (come|eat|go|see)\b/,
];

const degree: readonly RegExp[] = [
  /\bmore (\w+er|bad|big|cheap|cold|easy|fast|good|happy|hot|long|nice|old|short|small|strong|tall|warm|worse|young)\b/,
  /\bmost (\w+est|big|easy|old|tall)\b|\b\w+er (as|then)\b|\bas \w+ than\b|\bso nice (day|evening|house)\b|\ba such\b/,
];

const prepositions: readonly RegExp[] = [
  /\bout from\b|\bmarried with\b|\bdepends? of\b|\bdiscuss(ed|ing)? about\b|\barrived? to\b|\bat the home\b/,
  /\b(between|for|from|to|with) \w+ and i\b|\bon the (afternoon|evening|morning)\b(?! of)/,
  new RegExp(`\\bin (${weekday})\\b|\\b(good|bad) in (cooking|drawing|english|singing|swimming)\\b`),
];

/** Mistakes that books of English usage warn of, each on a sentence in lower case. */
export const mistakes: readonly RegExp[] = [
  ...words,
  ...number,
  ...negation,
  ...verbs,
  ...order,
  ...degree,
  ...prepositions,
];
