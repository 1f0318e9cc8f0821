"""The small words before a number: about, over, up to, at least."""

from __future__ import annotations

import re

_REACH = 48  # characters before the number that a qualifier may begin in

# Order matters: "no more than" before "more than", "bis zu" before "bis".
_QUALIFIERS: tuple[tuple[str, str], ...] = (
    ("bis zu", r"up to|as much as|as many as|bis zu|maximal|höchstens|at most|no more than|not more than|"
               r"nicht mehr als|a maximum of|(?:could|can|may|might) (?:grow|rise|reach|expand|climb|"
               r"scale|go)(?: to)?|"
               r"could reach|capped at"),
    ("mindestens", r"at least|mindestens|wenigstens|no less than|no fewer than|not less than|"
                   r"nicht weniger als|"
                   r"a minimum of|minimum"),
    ("weniger als", r"less than|fewer than|weniger als|unter|below|under|lower than"),
    ("fast", r"nearly|almost|fast|nahezu|knapp|beinahe|just under|close to|annähernd|just short of|"
             r"just shy of"),
    ("mehr als", r"more than|mehr als|larger than|größer als"),
    ("über", r"over|über|gut|above|exceed(?:s|ed|ing)?|upwards of|north of|top(?:s|ped)|surpass(?:es|ed|"
             r"ing)|"
             r"well over|deutlich über"),
    ("ca.", r"rund|etwa|ca\.?|circa|zirka|ungefähr|about|around|roughly|approximately|approx\.?|some|"
            r"an estimated|"
            r"schätzungsweise|in etwa|or so|(?:an )?average of|~|≈"),
)  # fmt: skip
_COMPILED = tuple(
    (
        name,
        re.compile(
            rf"(?:(?<![\w-])(?:{words}))(?: (?:the|a|an|another|weitere[n]?|einer|einem|eine))?\s*$", re.I
        ),
    )
    for name, words in _QUALIFIERS
)
_TRAILING = (
    ("mindestens", re.compile(r" (?:or more|oder mehr|and more|and above)\b", re.I)),
    ("weniger als", re.compile(r" (?:or less|oder weniger|or fewer)\b", re.I)),
    ("ca.", re.compile(r" (?:or so)\b", re.I)),
    ("fast", re.compile(r" sich (?:beinahe|fast|nahezu|annähernd)\b", re.I)),
)
# The words that the patterns above end with; most numbers stand behind another one, and need no pattern.
_ENDINGS = (
    "to as zu maximal höchstens most than als of grow rise reach expand climb scale go at least mindestens "
    "wenigstens minimum unter below under nearly almost fast nahezu knapp beinahe annähernd over über gut "
    "above exceed exceeds exceeded exceeding top tops topped surpass surpasses surpassed surpassing rund "
    "etwa ca ca. circa zirka ungefähr about around roughly approximately approx approx. some estimated "
    "schätzungsweise so ~ ≈"
)
_LAST_WORDS = frozenset(_ENDINGS.split())
_LAST_WORD = re.compile(r"(?P<word>[^\W\d_]+\.?|[~≈])$")
_ARTICLES = frozenset(["the", "a", "an", "another", "weitere", "weiteren", "einer", "einem", "eine"])
# "Auftrag über 40 MW" names a sum; nothing is exceeded.
_SUM_OF = re.compile(
    r"(?:auftr[aä]ge?|vertr[aä]ge?|bestellung(?:en)?|kredite?|darlehen|anleihen?|rechnung(?:en)?|scheck|"
    r"finanzierung|"
    r"bußgeld(?:er|bescheid)?|geldbuße|strafe|vereinbarung|abkommen|order|zuschlag|bürgschaft|"
    r"programm|verfüg\w+(?: \w+){0,3}|(?:auftrag|vertrag|order) (?:von|an|für|mit) [\w-]+|"
    r"(?:bericht|meldung|nachricht|debatte|streit|gespräch|diskussion|"
    r"verhandlung|gerücht|spekulation)\w{0,2})\s+über\s*$",
    re.I,
)


def before(text: str, start: int) -> tuple[str, int]:
    """The qualifier in front of `start` and where it begins; ("", start) without one."""
    offset = max(0, start - _REACH)
    window = text[offset:start]
    if not _may_end(window):
        return "", start
    if _SUM_OF.search(window):
        return "", start
    for name, pattern in _COMPILED:
        found = pattern.search(window)
        if found:
            return name, offset + found.start()
    return "", start


def _may_end(window: str) -> bool:
    """Is the last word, articles left out, one that a qualifier ends with?"""
    words = window.rstrip().rsplit(None, 2)
    while len(words) > 1 and words[-1].lower() in _ARTICLES:
        words.pop()
    last = words[-1] if words else ""
    if not last.isalpha():
        found = _LAST_WORD.search(last)
        last = found["word"] if found else ""
    return last.lower() in _LAST_WORDS


def after(text: str, end: int) -> tuple[str, int]:
    """The qualifier behind `end` ("40 MW or more") and where it ends; ("", end) without one."""
    for name, pattern in _TRAILING:
        found = pattern.match(text, end)
        if found:
            return name, found.end()
    return "", end
