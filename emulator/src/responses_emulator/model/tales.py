"""Ready-made jokes, poems and a story; {topic} stands for what they are about."""

# Each joke with what makes it one.
JOKES = (
    (
        "Why do programmers mix up Halloween and Christmas? Because Oct 31 is Dec 25.",
        "“Oct” and “Dec” are months and also short for octal and decimal: 31 in base "
        "eight is 25 in base ten.",
    ),
    (
        "I would tell you a joke about UDP, but you might not get it.",
        "UDP sends its packets without checking that they arrive, and not getting a "
        "joke is not understanding it.",
    ),
    (
        "Why did the scarecrow win a prize? He was outstanding in his field.",
        "“Outstanding” means excellent, and a scarecrow does stand out in a field.",
    ),
    (
        "What do you call a fish without eyes? Fsh.",
        "Take the letter i, which sounds like “eye”, out of “fish” and “fsh” is left.",
    ),
    (
        "A cloud walked into a bar. It was only passing through, but it left a bill.",
        "Clouds drift through places, and a cloud that one rents computers from "
        "always sends a bill.",
    ),
    (
        "Why was the maths book unhappy? It had too many problems.",
        "Problems are exercises in a maths book, and troubles anywhere else.",
    ),
)
POEMS = (
    """The morning came in grey and slow,
with {topic} in the light below;
I had no words, I had no plan,
and that is how this verse began.

I asked the wind what it had heard,
it would not lend a single word;
but {topic}, patient, near and wide,
kept talking softly at my side.

So here are lines, both plain and few,
for {topic}, and, friend, for you;
no more than rule and rhyme can give,
yet while they're read, the lines will live.""",
    """I packed a lamp, I packed some bread,
with {topic} going round my head,
and took the path that nobody mends
to find out where the evening ends.

The night was wide, the stars were near,
the crickets said: come, sit down here;
I sang of {topic}, low and long,
until the dark had learned the song.

At dawn I turned to walk back home
past dewy fields of silver foam;
and what I'd gone so far to find,
{topic}, had never left my mind.""",
)
# Poems on a topic of their own, each with the words that call for it.
POEMS_ABOUT = (
    (
        "love|loved|sweetheart|valentine",
        """You asked me once what love might be.
I said: two cups, one pot of tea,
a coat held out, a hand to hold,
a window shut when nights are cold.

It is the light left on downstairs,
the quarrel mended unawares,
the name that, called across a crowd,
makes every other voice less loud.

And should the years turn white and slow,
there's one more thing I'd have you know:
of all the roads I might have tried
I'd take the one with you beside.""",
    ),
    (
        "sea|seas|seaside|ocean|oceans|waves",
        """The sea comes in on heavy feet,
it brings the salt, it brings the heat
of all the suns it carried far
beyond the harbour and the bar.

It writes in foam along the shore
a line it wrote the day before,
then takes it back, and, wave by wave,
it keeps no word it ever gave.

Still gulls and children stand and stare,
for all the world begins out there:
a rim of blue, a sail, a light,
and water talking through the night.""",
    ),
    (
        "autumn|fall",
        """The apple trees let go their red,
the swallows pack, the wasps have fled;
a mist lies down across the lawn
and does not rise till after dawn.

The maples burn without a flame,
no two of all their leaves the same;
the wind comes by to read each one
and drops it when the page is done.

Now light the lamp and shut the door,
there's soup, and bread, and time for more:
the year grows old, but, growing old,
it pays its debts in coins of gold.""",
    ),
    (
        "code|coding|program|programs|programming|programmers?|software|debugging",
        """I wrote a loop at half past nine,
it seemed a neat and honest line;
at ten it ran, and would not end,
and I had called that loop my friend.

I read the trace, I read it twice,
I asked a rubber duck's advice;
the duck said nothing, kind and wise,
and left the fault before my eyes.

One character, one step too far:
how small the greatest errors are!
The tests turn green, the fan goes still;
I push, and sleep, as coders will.""",
    ),
    (
        "rain|rainy|raindrops",
        """It starts with one drop, then a few,
a tapping like a guest or two;
and then the whole sky finds the beat
and drums on roof and tree and street.

The gutters sing, the gardens drink,
the pavement turns as dark as ink;
umbrellas bloom from door to door
where nothing ever bloomed before.

And when it stops, the world is new:
each leaf holds up a bead of blue,
and in the puddle by the gate
the clouds sail on, a little late.""",
    ),
    (
        "spring|springtime",
        """The ice has left the water butt,
a door swings wide that long was shut;
a blackbird tries, from off the wall,
the oldest tune he knows of all.

The crocus lifts its paper cup,
the earth says nothing, but stands up:
in every hedge, on every tree
a thousand small green hands break free.

So hang the heavy coat away:
there's one more hour to every day,
and all that seemed so still, so dead,
was only dreaming in its bed.""",
    ),
    (
        "night|nights|stars?|starry|moon|moonlight",
        """The day folds up its noisy street,
the dark comes in on stocking feet,
and one by one, above the hill,
the stars step out and then stand still.

Their light set out so long ago
that none who sent it now can know
whose window it would find, and when:
it found me here, and shone again.

The moon, a boat without an oar,
has touched the roof and gone ashore;
I close my book, I dim the light,
and leave the talking to the night.""",
    ),
)
HAIKU = """{topic}, at daybreak:
a small rule counts syllables,
then forgets the rest."""
OPENINGS = (
    "Nobody in Harrow Bay believed in {topic}, and nobody had ever been asked to. It "
    "was a small town with one street, two bakers and a lighthouse, and its people "
    "were busy with the weather. Only Mara, who kept the light, wrote the words on "
    "the first page of a new notebook, underlined them twice, and sat looking at them "
    "until the kettle boiled over.",
    "The whole of Harrow Bay knew something about {topic}, and no two people knew the "
    "same. The bakers disagreed about it across the street, every morning at six, "
    "while the rolls were in the oven. Mara, who kept the lighthouse and had to "
    "listen to both, decided one spring that she would find out for herself.",
)
CHAPTERS = (
    "She began in the library, which was open on Thursdays. The librarian, a tall man "
    "called Anselm who spoke as if each word had a price, brought her four books. "
    "Three of them were about something else. The fourth had a single chapter on "
    "{topic}, and somebody had cut out its last page with a very sharp knife. “That "
    "happens,” said Anselm, “to pages that are worth reading.”",
    "So she wrote letters. She wrote to a professor in the capital, to a captain who "
    "was said to have seen everything, and to her aunt, who had opinions. The "
    "professor answered with a bill. The captain answered with a drawing, folded "
    "eight times, and under it in careful capitals: ASK AT THE NORTHERN HARBOUR. Her "
    "aunt answered that she should eat more soup.",
    "The road to the northern harbour took three days. On the first it rained, on the "
    "second it rained harder, and on the third the clouds tore open and the sea lay "
    "there, wide and bright like a sheet of tin. Mara walked along the quay and said "
    "the words aloud for the first time: {topic}. An old woman who was mending a net "
    "looked up. “Well,” she said, “you took your time.”",
    "Her name was Oda, and she had been waiting for somebody to ask since she was "
    "nineteen. She told it all in one evening, without a break, while the soup went "
    "cold. Some of it was plainly true and some of it plainly was not, and the best "
    "of it lay in between. Mara filled the notebook, turned it around, and filled the "
    "margins as well.",
    "At midnight they climbed the hill behind the harbour. There was no moon. Oda "
    "pointed, and for a long while there was nothing to see but the dark, and then "
    "the dark had a shape. It was smaller than in the stories, and quieter, and it "
    "did not seem to mind being looked at. “That,” said Oda, “is what all the talk of "
    "{topic} is about. The talk is larger. It always is.”",
    "Mara stayed for a month. She learned to mend nets and to keep her questions "
    "short. She found the missing page, too: it was pinned above Oda's stove, brown "
    "with smoke, and it said only that the reader should go and see. She laughed "
    "until the gulls flew up from the roof, and then she copied it out, every word of "
    "it.",
    "When she came home, the bakers were still at it. She put the notebook on the "
    "counter between the loaves and let them read. They read it twice. “So I was "
    "right,” said the one. “So I was right,” said the other, and for the first time "
    "in eleven years they shook hands on it. In the evening the whole street came up "
    "to the lighthouse to hear about {topic}, and there were not enough chairs.",
    "The winter that followed was a long one, and the story went from house to house "
    "to keep warm. It changed a little on the way, as stories do. Somebody gave it a "
    "storm. Somebody else gave it a dog. Mara did not correct them. She lit the lamp "
    "each night, turned it seaward, and thought that whoever saw it from out there "
    "might also be wondering, and might also, one day, ask.",
    "In spring a letter came from the northern harbour, in a hand she knew. It held "
    "no news, only a question, and it was a better one than any she had thought of. "
    "Mara read it on the gallery in the wind. Then she opened a new notebook, wrote "
    "the question on its first page, underlined it twice, and put the kettle on.",
)
