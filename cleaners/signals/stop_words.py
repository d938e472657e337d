"""A few of the commonest function words of each language: connected text holds them, lists of words do not.

English: the eight of Gopher (Rae et al. 2021, A1.1). The others are ours, chosen to be as common as those and short
enough a list that two of them in a text mean prose. Where spaces do not part words (Chinese, Thai, …) or particles
are written onto them (Korean) no list can tell anything.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from winnow.cleaners.characters import codes_of
from winnow.cleaners.rolling_hashes import Hashes
from winnow.cleaners.signals.properties import Is, flags_of
from winnow.cleaners.signals.words import word_hashes

_LISTS = {
    "af": "die en van is in het nie wat om te",
    "ar": "في من على إلى أن التي الذي عن مع هذا",
    "az": "və bu bir ilə üçün də o ki",
    "be": "і у на не што з да як",
    "bg": "на и в да се от за с че е",
    "bn": "এবং ও এই করে থেকে যে জন্য এক",
    "bs": "i u je da na se za su od s",
    "ca": "de la i el que en un per les a",
    "cs": "a v na se je že s z do to",
    "cy": "y yn a i o yr ar mae",
    "da": "og i at det er en til af på som",
    "de": "der die und in den von zu das mit ist",
    "el": "και το να του της η με για την που",
    "en": "the be to of and that have with",
    "eo": "la de kaj en estas al ne mi",
    "es": "de la que el en y a los se del",
    "et": "ja on ei et see ka oli ta",
    "eu": "eta da ez du bat dira izan ere",
    "fa": "و در به از که این را با است برای",
    "fi": "ja on ei että se oli hän mutta myös kun",
    "fil": "ang ng sa na mga at ay si",
    "fr": "de la le et les des en un du que",
    "ga": "an na a agus ar is i go",
    "gl": "de a o que e do da en un os",
    "gu": "અને છે આ માટે પર એક હતી કે",
    "he": "של את על לא הוא עם זה כי גם או",
    "hi": "के में की है और से को का पर यह",
    "hr": "i u je da na se za su od s",
    "hu": "a az és hogy nem is egy ez meg volt",
    "hy": "և է որ են ի այս մի համար",
    "id": "yang dan di dengan untuk ini dari dalam itu pada",
    "is": "og að í á er sem það til um ekki",
    "it": "di e il la che in un per del non",
    "ka": "და არის რომ ეს იყო არ მისი ამ",
    "kk": "және бір бұл мен да үшін деп бар",
    "la": "et in est ad non ut cum quod",
    "lt": "ir yra kad į su iš tai bet kaip",
    "lv": "un ir ka uz ar no par kas tas",
    "mk": "на и во да се од за е со",
    "mn": "нь юм байна ба энэ гэж бол байсан",
    "mr": "आणि आहे या तो हे व की एक",
    "ms": "yang dan di dengan untuk ini dari dalam itu pada",
    "nb": "og i det er på en til av som at",
    "nl": "de van het een en in dat is te op",
    "nn": "og i det er på ein til av som at",
    "pa": "ਦੇ ਦੀ ਹੈ ਅਤੇ ਵਿੱਚ ਨੂੰ ਦਾ ਇਸ",
    "pl": "i w na z się nie że do to jest",
    "pt": "de a que o e do da em um para",
    "ro": "de și în a la cu că nu pe o",
    "ru": "и в не на что с по как это из",
    "sk": "a v na sa je že s z do to",
    "sl": "in je v se na da za so ki z",
    "so": "iyo waa ka ku in oo uu ah",
    "sq": "të dhe në e një për me që i është",
    "sr": "и у је да на се за су од са i u je da na se za su od sa",
    "sv": "och i att det som en på är av för",
    "sw": "ya na wa kwa ni katika la za",
    "ta": "ஒரு மற்றும் இந்த என்று என அது அந்த இது",
    "te": "మరియు ఒక ఈ ఆ అని కూడా లో ఉంది",
    "tr": "ve bir bu da de için ile çok ne o",
    "uk": "і в на не що з та до як у",
    "ur": "کے میں کی ہے اور سے کو کا پر یہ",
    "vi": "và của là có cho trong được một các không",
    "xh": "kwaye ukuba okanye le ke na wa ya",
    "zu": "ukuthi futhi noma kodwa uma le ke na",
}
LANGUAGES = tuple(_LISTS)
"""BCP 47 tags of the languages that have a list."""


@cache
def stop_words_of(language: str) -> Hashes | None:
    """The stop words of a language, hashed like the words of a text; None where there is no list."""
    listed = _LISTS.get(language.partition("-")[0])
    if listed is None:
        return None
    codes = codes_of(" ".join(dict.fromkeys(listed.split())))
    visible = np.pad((flags_of(codes) & Is.SPACE) == 0, 1)
    first, end = np.flatnonzero(visible[1:] & ~visible[:-1]), np.flatnonzero(visible[:-1] & ~visible[1:])
    return word_hashes(codes, first, end)
