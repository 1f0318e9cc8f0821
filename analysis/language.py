"""German or English?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("de", "en")
_SAMPLE = 600  # characters; more text makes the answer slower, not better
_SHORT = 60  # letters; below, a headline full of names is a guess, and what the source says weighs more
_SURE = 0.99


def detect(text: str, hint: str = "") -> str:
    """The language of a text as "de" or "en".

    A short text keeps the hint ("de", "en-GB", ...), a longer one unless its words clearly contradict. A hint
    of a third language is returned as it is: the detector knows only two and would make it one of them.
    A text without letters and without a hint is "en".
    """
    hinted = hint.lower().replace("_", "-").partition("-")[0]
    if hinted and hinted not in LANGUAGES:
        return hinted
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return hinted or "en"
    language, confidence = _identifier().classify(sample)
    if hinted and (letters < _SHORT or confidence < _SURE):
        return hinted
    return str(language)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import (
        MODEL_FILE,
        LanguageIdentifier,
    )  # 0.7 s: paid by the first text, not at import

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
