"""The signs by which two reports on one event know each other, whatever their language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from analysis import names
from analysis.normalise import fold
from analysis.values import Figure

MAX_CHARS = 4_000  # of a body; what an event is stands above that, and below it reports speak of other events
MAX_SENTENCES = 8

_NUMBER = re.compile(r"(?<![\w-])\d[\d.,]*\d(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(
    r"\d|januar|februar|maerz|march|april|ju[nl][iy]|june|august|septemb|o[ck]tob|novemb|de[cz]emb|monat|month"
)
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_TELLING_DIGITS = 3
_STEM = 6  # letters: enough to tell words apart, few enough for their endings to fall away
_MIN_WORD = 4
_SHORTEST, _INSIDE, _LONGEST = 4, 6, 16  # letters of the beginnings in the table below
_MIN_SENTENCE = 12
_SAME_UNIT = {"gpu": "chip", "card": "chip"}
_VAGUE_UNITS = frozenset({"year", "month", "day", "week", "hour"})

# What is told, by the beginnings of its words in both languages; "=" asks for the whole word.
_CONCEPTS = {
    "ban": "verbot verbiet untersag =ban =bans =banned =bars prohibit outlaw limits",
    "guideline": "leitlini guideline guidance verbotsleitlini auslegung",
    "code": "kodex =code praxisleitf modellkodex verhaltenskod kodexentw",
    "draft": "entwurf draft kodexentw gesetzentw =fassung",
    "definition": "definition begriff",
    "highrisk": "hochrisik hochriskant",
    "label": "kennzeichn labell =label =labels marking watermark wasserzeich deepfake synthetic transparen",
    "standard": "=norm =normen normung =standards standardis harmonis",
    "authority": "aufsicht marktueberwach supervis watchdog regulator oversight behoerde authorit kontroll",
    "fine": "bussgeld =fine =fines penalt sanktion strafen",
    "desk": "desk beratung =desk checker pruefwerkz helpdesk anlaufstell",
    "whistle": "whistleblow hinweisgeb insider anonym vertraulich meldestelle",
    "literacy": "kompetenz literacy schulung =train",
    "sandbox": "sandbox reallabor",
    "consult": "konsultation consultation feedback rueckmeld anhoerung stellungnahm =views comment",
    "copyright": "urheber copyright verlage publisher",
    "sign": "unterschreib unterzeich signator =sign =signs =signed =signing refus",
    "vote": "abstimm =stimmt =vote =votes =voted votum plenum plenary ausschuss committee",
    "agreement": "einig agreement kompromiss =deal durchbruch =pact",
    "talks": "trilog verhandl =talks negotiat unterhaendl nachtsitz",
    "gazette": "amtsblatt",
    "inforce": "inkraft",
    "applies": "=gilt =gelten =greifen =greift =apply =applies anwendbar",
    "delay": "aufschub verschieb verschob delay postpon fristaufsch verzoeger pause anhalten spaeter",
    "deadline": "=frist fristen deadline benennungsfr termin cut",
    "models": "sprachmodell =gpai modellanbiet modellkodex",
    "machinery": "maschin machinery",
    "deepnude": "nudif entkleid undress nude",
    "bill": "gesetzentw gesetzesentw durchfuehrungsg statute =bill senat",
    "court": "gericht klage lawsuit court =sue =sues klagt",
    "appeal": "appell brandbrief =letter offener =urge =urges fordern =demand stop",
    "smuggling": "schmugg smuggl gatekeeper relabel etikett",
    "charged": "angeklagt charged anklage indict custody verhaft arrest guilty gestanden haftstraf",
    "customs": "=zoll customs einfuhr import",
    "export": "export ausfuhr",
    "licence": "lizenz licence license genehmig approv freigab clear",
    "backdoor": "hintertuer backdoor kill spyware fernabschalt",
    "summon": "bestellt einbestell summon vorgeladen",
    "probe": "ermittl investigat probe untersuch",
    "order": "bestellung order storn cancel",
    "power": "strom power electric energie grid =netz",
    "wind": "wind turbin offshore",
    "solar": "solar sonne photovolt gruenstrom renewable oekostrom",
    "nuclear": "kernkraft atom nuclear reaktor reactor",
    "subsidy": "subvention subsid foerder rebate nachlass zuschuss",
    "cheap": "billig cheap guenstig =half halb",
    "cool": "kuehl cool =pue energiekennw",
    "sea": "meeresgrund unterwasser subsea undersea underwater =sea =meer seawater versenk",
    "island": "insel island reis rice",
    "desert": "wueste desert sand",
    "water": "wasser water",
    "heat": "abwaerme heat",
    "altitude": "hoehe altitude meters =metern highest",
    "cluster": "cluster verbund supernode rack",
    "staff": "stellenanz stellenaus personal staff =job =jobs hires hiring vacanc advert inserat =anzeige "
    "recruit",
    "bond": "anleihe bond convertible wandelanl zero tausch exchang",
    "listing": "boerse =ipo listing shares aktie",
    "fund": "=fonds =fund staatsfonds reit trust",
    "takeover": "uebernahm verkauf takeover acqui buyer kaeufer =buy =buys konsortium consortium",
    "rent": "mieten miete =rent =rents rented rental lease leases pacht",
    "budget": "invest capex capital outlay budget spend ausgaben",
    "quarter": "quartal quarter zahlen monaten",
    "memory": "speicher memory dram =hbm",
    "domestic": "heimisch domestic einheimisch homegrown homemade inland",
    "foreign": "auslaendisch foreign ausland overseas abroad",
    "suitcase": "koffer suitcase festplatt drives disks",
    "supplier": "zuliefer supplier platin =boards",
    "fire": "brand =fire feuer",
    "overcapacity": "leer idle ueberkapaz leerstand overcapac unused auslast utilis utiliz",
    "exchange": "handelsplatz rechenboerse marketplace",
    "link": "glasfaser fibre fiber leitung latenz latency uebertrag",
    "satellite": "satellit orbit weltraum space",
    "space": "hektar hectare flaeche floor",
    "price": "preis price teurer",
    "train": "trainier training train",
    "launch": "startet eroeffn =opens =launch =launches betrieb =online =live =enters",
    "plan": "plant geplant =plan =plans erwaegt considers vorhab will",
}  # fmt: skip
# Things said in several words, as one word of the table above.
_PHRASES = {
    "hochrisiko": r"high[- ]risk",
    "gpai": r"general[- ]purpose|grosse[rns]? (?:ki[- ])?modelle?n?|allgemeinem verwendungszweck"
    r"|(?:ai|big|large) models?|model (?:maker|provider|developer)s?",
    "amtsblatt": r"official journal",
    "verbot": r"off[- ]limits",
    "inkraft": r"in kraft|(?:into|in) force|takes? effect",
    "backdoor": r"back doors?",
    "pause": r"stop[- ]the[- ]clock",
    "deepnude": r"undress\w*",
}
_PHRASE = re.compile("|".join(rf"(?P<{word}>\b(?:{phrase})\b)" for word, phrase in _PHRASES.items()))
# Parts of the law, and kinds of documents and services, that are told in stories of their own.
_THEMES = frozenset(
    {"ban", "definition", "highrisk", "label", "models", "whistle", "literacy", "deepnude"}
    | {"authority", "delay"}
)
_DOCUMENTS = frozenset({"guideline", "code", "standard", "desk", "sandbox"})
_FAILED = re.compile(
    r"\b(?:(?:ge)?scheiter\w*|break up|broke up|breaks? down|collapse\w*|fail\w*|ergebnislos|nicht einig\w*"
    r"|ohne (?:ergebnis|einigung)|without (?:a )?(?:deal|agreement|result)|no deal)\b"
)
_AGREED = re.compile(
    r"\b(?:einigen sich|einigung|durchbruch|kompromiss\w*|agreement|agree[ds]?|deal|pact|common ground)\b"
)
_ORDINALS = {
    "first": 1, "erste": 1, "erster": 1, "ersten": 1, "erstes": 1, "second": 2, "zweite": 2, "zweiter": 2,
    "zweiten": 2, "third": 3, "dritte": 3, "dritter": 3, "dritten": 3, "final": 9, "finale": 9,
    "endfassung": 9, "endgueltige": 9,
}  # fmt: skip
_STAGE_WORDS = (
    "draft entwurf kodexentwurf round runde phase stage stufe version fassung reading lesung trilogue trilog "
    "campus site"
)
_STAGES = frozenset(_STAGE_WORDS.split())
_NEWSROOMS = frozenset({"bloomberg", "reuters", "financial-times"})
# Of these places nearly every report speaks, so that naming others says little.
_WIDE = frozenset({"china", "peking", "eu", "usa", "deutschland"})
_ACTORS = frozenset({"company"})
GROUPS = ("names", "places", "concepts", "figures", "words")
NAMES, PLACES, CONCEPTS, FIGURES, WORDS = range(len(GROUPS))


@dataclass(frozen=True, slots=True)
class Signs:
    """What a report is known by.

    groups: signs whose sharing tells the more the rarer they are, one set for each of GROUPS.
    The others tell by contradiction. actors, places, themes, amounts: of title and lead only.
    """

    groups: tuple[frozenset[str], ...]
    actors: frozenset[str]
    places: frozenset[str]
    products: frozenset[str]
    themes: frozenset[str]
    documents: frozenset[str]
    outcome: frozenset[str]
    stages: frozenset[int]
    amounts: frozenset[tuple[str, float]]

    def contradictions(self, other: Signs) -> tuple[float, ...]:
        """1 for each kind of sign that both have and share nothing of, 0 else; as CONTRADICTIONS."""
        pairs = (
            (self.actors, other.actors),
            (self.places, other.places),
            (self.products, other.products),
            (self.themes, other.themes),
            (self.documents, other.documents),
            (self.outcome, other.outcome),
            (self.stages, other.stages),
        )
        return (
            *(float(bool(a and b and a.isdisjoint(b))) for a, b in pairs),
            float(self._other_amount(other)),
        )

    def _other_amount(self, other: Signs) -> bool:
        """Both count something in one unit, and never come to the same number."""
        units = {unit for unit, _ in self.amounts} & {unit for unit, _ in other.amounts}
        return bool(units) and self.amounts.isdisjoint(other.amounts)


CONTRADICTIONS = (
    "other actors", "other places", "other products", "other themes", "other documents",
    "other outcome", "other stage", "other amounts",
)  # fmt: skip


def signs_of(title: str, lead: str, body: str, figures: Sequence[Figure]) -> Signs:
    head = f"{title}\n{lead}"
    text = f"{head}\n{body[:MAX_CHARS]}"
    register = names.register()
    found = names.find(text)
    ids = {id_ for name in found for id_ in (name.id, *register.wholes(name.id))}
    kinds = register.kinds
    at_top = {id_ for name in found if name.end <= len(head) for id_ in (name.id, *register.wholes(name.id))}
    top_concepts = _concepts(head)
    folded = [fold(word) for word in _WORD.findall(text)]
    return Signs(
        groups=(
            frozenset(id_ for id_ in ids if kinds[id_] != "place" and id_ not in _NEWSROOMS),
            frozenset(id_ for id_ in ids if kinds[id_] == "place"),
            _concepts(text),
            frozenset(_amounts(figures, len(text))) | _numbers(text),
            frozenset(word[:_STEM] for word in folded if len(word) >= _MIN_WORD and not _DATE.match(word)),
        ),
        actors=frozenset(id_ for id_ in at_top if kinds[id_] in _ACTORS and id_ not in _NEWSROOMS),
        places=frozenset(id_ for id_ in at_top if kinds[id_] == "place") - _WIDE,
        products=frozenset(id_ for id_ in at_top if kinds[id_] == "product"),
        themes=top_concepts & _THEMES,
        documents=top_concepts & _DOCUMENTS,
        outcome=_outcome(fold(head)),
        stages=_stages(head),
        amounts=frozenset(
            (sign.partition(" ")[2], float(sign.partition(" ")[0])) for sign in _amounts(figures, len(head))
        ),
    )


def sentences(title: str, lead: str, body: str) -> list[str]:
    """The title and the first sentences behind it, at most MAX_SENTENCES."""
    parts = [title, *_SENTENCE_END.split(f"{lead}\n{body[:MAX_CHARS]}")]
    found = [part.strip() for part in parts if len(part.strip()) >= _MIN_SENTENCE]
    return found[:MAX_SENTENCES] or [title]


def _concepts(text: str) -> frozenset[str]:
    plain = _PHRASE.sub(lambda found: f" {found.lastgroup} ", fold(text))
    return frozenset().union(*map(_meant, set(_WORD.findall(plain))))


@lru_cache(maxsize=20_000)
def _meant(word: str) -> frozenset[str]:
    """The concepts of a folded word; long beginnings are known inside German compounds too."""
    whole, beginnings = _known_words()
    found = set(whole.get(word, ()))
    for start in range(len(word) - _SHORTEST + 1):
        shortest = _SHORTEST if start == 0 else _INSIDE
        for end in range(start + shortest, min(len(word), start + _LONGEST) + 1):
            found.update(beginnings.get(word[start:end], ()))
    return frozenset(found)


@cache
def _known_words() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Whole words and beginnings of words, each with the concepts it stands for."""
    whole: dict[str, set[str]] = {}
    beginnings: dict[str, set[str]] = {}
    for concept, words in _CONCEPTS.items():
        for word in words.split():
            table = whole if word.startswith("=") else beginnings
            table.setdefault(word.removeprefix("="), set()).add(concept)
    return whole, beginnings


def _outcome(head: str) -> frozenset[str]:
    """Of talks: "failed", "agreed", or nothing."""
    if _FAILED.search(head):
        return frozenset({"failed"})
    return frozenset({"agreed"}) if _AGREED.search(head) else frozenset()


def _amounts(figures: Iterable[Figure], end: int) -> set[str]:
    """Figures up to a place in the text as "value unit", to three digits: 6.7 EFLOPS is 6.700 Petaflops."""
    return {
        f"{figure.value:.3g} {_SAME_UNIT.get(figure.unit, figure.unit)}"
        for figure in figures
        if isinstance(figure.value, float) and figure.end <= end and figure.unit not in _VAGUE_UNITS
    }


def _numbers(text: str) -> frozenset[str]:
    """Numbers as bare digits, 27.5 and 27,5 alike: a headline leaves units out ("480 statt 380")."""
    digits = {re.sub(r"\D", "", number) for number in _NUMBER.findall(text) if not _YEAR.fullmatch(number)}
    return frozenset(number for number in digits if len(number) >= _TELLING_DIGITS)


def _stages(text: str) -> frozenset[int]:
    found = set()
    words = [fold(word) for word in _WORD.findall(text)]
    for place, word in enumerate(words):
        near = words[place + 1 : place + 4]
        if word in _ORDINALS and any(other in _STAGES or other.endswith("entwurf") for other in near):
            found.add(_ORDINALS[word])
    return frozenset(found)
