"""Little words: those that hold a sentence together and tell nothing of what it is about."""

from api.rules.words.folding import fold

# "No", "not", "without", "before", "after" and their like are left out: they say what is meant.
_SAID = {
    "en": "a about am an and any are as at be been being but by can could did do does for from had has have how i if "
    "in into is it its me my of on or our shall should so some than that the their them then there these they this "
    "those to was we were what when where which who whom whose why will with would you your",
    "es": "a al algun alguna algunas algunos como con cual cuales cuando cuanta cuanto de del donde e el ella ellas "
    "ellos en es esa ese eso esos esta estan estas este esto estos ha hay he la las le les lo los me mi mis nos "
    "o para por puede puedo que quien quienes se ser si son su sus te tu tus u un una unas uno unos usted "
    "ustedes y yo",
}
_LITTLE = {language: frozenset(said.split()) for language, said in _SAID.items()}


def is_little(word: str, locale: str) -> bool:
    """Whether a word is one; in a language without a list none is."""
    return fold(word) in _LITTLE.get(locale.partition("-")[0].lower(), ())
