"""What figures are counted in: the names of units, German and English, and how each is written.

Keys are folded as `normalise.fold` does (ä is ae). A measure follows its number directly; a counted thing may
stand behind a few words that describe it ("30,000 domestic AI chips").
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from analysis.normalise import fold


class Unit(NamedTuple):
    """name: the unit of the value; factor: base units per written unit."""

    name: str
    factor: float = 1.0


CURRENCY_SIGNS = {
    "US$": "usd", "US-$": "usd", "$": "usd", "USD": "usd", "€": "eur", "EUR": "eur", "£": "gbp", "GBP": "gbp",
    "¥": "cny", "RMB": "cny", "CNY": "cny", "Rmb": "cny", "Yuan": "cny", "HK$": "hkd", "S$": "sgd",
    "A$": "aud",
    "NT$": "twd", "C$": "cad",
}  # fmt: skip

_MEASURES: dict[Unit, str] = {
    Unit("usd"): "$ us$ us-$ usd dollar dollars us-dollar us-dollars 美元",
    Unit("eur"): "€ eur euro euros 欧元",
    Unit("cny"): "¥ cny rmb yuan renminbi 元 人民币",
    Unit("gbp"): "£ gbp pfund pounds",
    Unit("jpy"): "yen jpy",
    Unit("hkd"): "hk$ hkd hongkong-dollar",
    Unit("inr"): "rupees rupien",
    Unit("krw"): "won",
    Unit("chf"): "franken chf",
    Unit("percent"): "% percent prozent pct",
    Unit("percentage_point"): "prozentpunkt prozentpunkte prozentpunkten",
    Unit("kw"): "kw kilowatt kilowatts 千瓦",
    Unit("mw"): "mw megawatt megawatts 兆瓦",
    Unit("gw"): "gw gigawatt gigawatts 吉瓦",
    Unit("tw"): "tw terawatt terawatts",
    Unit("kwh"): "kwh kilowattstunde kilowattstunden kilowatt-hour kilowatt-hours",
    Unit("mwh"): "mwh megawattstunde megawattstunden megawatt-hour megawatt-hours",
    Unit("gwh"): "gwh gigawattstunde gigawattstunden gigawatt-hour gigawatt-hours",
    Unit("twh"): "twh terawattstunde terawattstunden terawatt-hour terawatt-hours",
    Unit("exaflops"): "exaflop exaflops eflop eflops eflop/s exaflop/s exaflops/s",
    Unit("exaflops", 1e-3): "petaflop petaflops pflop pflops pflop/s petaflop/s",
    Unit("exaflops", 1e-6): "teraflop teraflops tflop tflops tflop/s",
    Unit("exaflops", 1e3): "zettaflop zettaflops zflops",
    Unit("gigabyte"): "gb gigabyte gigabytes",
    Unit("terabyte"): "tb terabyte terabytes",
    Unit("petabyte"): "pb petabyte petabytes",
    Unit("exabyte"): "eb exabyte exabytes",
    Unit("meter"): "meter metern metre metres meters",
    Unit("km"): "km kilometer kilometern kilometre kilometres kilometers",
    Unit("sqm"): "m2 sqm quadratmeter quadratmetern",
    Unit("sqft"): "sqft",
    Unit("hectare"): "ha hektar hectare hectares",
    Unit("mu"): "mu 亩",
    Unit("tonne"): "tonne tonnes tonnen tons",
    Unit("liter"): "liter litern litre litres liters",
    Unit("cubic_meter"): "m3 kubikmeter kubikmetern",
    Unit("celsius"): "°c grad",
}

# Counted things; a German compound is known by its last part ("Grafikchips", "Serverracks").
_COUNTED: dict[str, str] = {
    "gpu": "gpu gpus grafikprozessor grafikprozessoren",
    "chip": "chip chips processor processors prozessor prozessoren prozessore accelerator accelerators "
    "beschleuniger "
    "beschleunigern card cards karte karten beschleunigerkarten npu npus 卡 张卡",
    "server": "server servers servern machine machines 台服务器",
    "rack": "rack racks cabinet cabinets serverschraenke serverschraenken schraenke schraenken",
    "data_centre": "rechenzentrum rechenzentren datenzentrum datenzentren datacenter datacenters "
    "datacentre datacentres "
    "rechencenter 座数据中心 个数据中心",
    "cluster": "cluster clusters clustern",
    "hub": "hub hubs knoten node nodes knotenpunkte knotenpunkten",
    "site": "site sites standort standorte standorten campus campuses",
    "building": "building buildings gebaeude gebaeuden halle hallen halls",
    "project": "project projects projekt projekte projekten vorhaben",
    "disk": "drives festplatte festplatten disk disks",
    "model": "model models modell modelle modellen sprachmodelle",
    "parameter": "parameter parameters parametern",
    "token": "token tokens",
    "company": "company companies firm firms firma firmen unternehmen konzern konzerne konzernen "
    "betriebe betrieben "
    "business businesses startups",
    "operator": "operator operators betreiber betreibern",
    "provider": "provider providers anbieter anbietern",
    "investor": "investor investors investoren anleger",
    "customer": "customer customers kunde kunden clients",
    "user": "user users nutzer nutzern nutzerinnen",
    "signatory": "signatory signatories unterzeichner unterzeichnern",
    "supplier": "supplier suppliers lieferanten zulieferer",
    "country": "country countries land laender laendern staat staaten mitgliedstaat mitgliedstaaten "
    "mitgliedsstaaten "
    "states nations nationen capitals hauptstaedte",
    "province": "province provinces provinz provinzen",
    "region": "region regions regionen",
    "city": "city cities stadt staedte staedten",
    "authority": "authority authorities behoerde behoerden aufseher aufsehern supervisors regulators "
    "watchdogs "
    "aufsichtsbehoerden aufsichtsbehoerde regulierer agencies aemter aufsichtsstellen",
    "person": "person persons people personen menschen engineer engineers ingenieure ingenieuren "
    "teilnehmer participants "
    "teilnehmende teilnehmenden experts experten expertinnen sachverstaendige fachleute mitglieder members "
    "delegates researchers forscher entwickler developers officials beamte leute stakeholders "
    "travellers vertreter beteiligte beteiligten "
    "buerger citizens abgeordnete abgeordneten lawmakers meps einwohner jurists scientists students",
    "employee": "employee employees beschaeftigte beschaeftigten mitarbeiter mitarbeitern mitarbeitende "
    "mitarbeitenden workers staff angestellte",
    "job": "job jobs stelle stellen arbeitsplaetze arbeitsplaetzen posts planstellen vacancies",
    "vote": "vote votes stimme stimmen ja-stimmen nein-stimmen enthaltung enthaltungen abstention "
    "abstentions "
    "gegenstimme gegenstimmen dagegen dafuer",
    "page": "page pages seite seiten",
    "comment": "comment comments kommentar kommentare kommentaren anmerkungen responses rueckmeldungen "
    "stellungnahmen submissions "
    "eingaben",
    "standard": "standard standards norm normen",
    "group": "group groups gruppe gruppen tier tiers arbeitsgruppen",
    "category": "category categories kategorie kategorien",
    "chapter": "chapter chapters kapitel kapiteln",
    "language": "language languages sprache sprachen amtssprachen",
    "system": "system systems systeme systemen",
    "order": "order orders auftrag auftraege bestellungen",
    "contract": "contract contracts vertrag vertraege vertraegen",
    "licence": "licence licences license licenses lizenz lizenzen",
    "case": "case cases fall faelle faellen",
    "obligation": "obligation obligations pflicht pflichten",
    "sandbox": "sandbox sandboxes reallabor reallabore reallaboren",
    "unit": "unit units einheiten stueck",
    "household": "household households haushalt haushalte haushalten",
    "generator": "generator generators generatoren",
    "reactor": "reactor reactors reaktor reaktoren",
    "turbine": "turbine turbines turbinen",
}

_PERIODS: dict[str, str] = {
    "day": "day days tag tage tagen",
    "week": "week weeks woche wochen",
    "month": "month months monat monate monaten",
    "year": "year years jahr jahre jahren",
    "hour": "hour hours stunde stunden",
}

MEASURES: dict[str, Unit] = {spelling: unit for unit, all_ in _MEASURES.items() for spelling in all_.split()}
MEASURES["per cent"] = Unit("percent")
COUNTED: dict[str, str] = {spelling: unit for unit, all_ in _COUNTED.items() for spelling in all_.split()}
PERIODS: dict[str, str] = {spelling: unit for unit, all_ in _PERIODS.items() for spelling in all_.split()}
PERIOD_UNITS = frozenset(_PERIODS)  # spans of time: no quantity that one report shares with another

# Pairs of words that name one unit.
PAIRS: dict[tuple[str, str], str] = {
    ("data", "center"): "data_centre", ("data", "centers"): "data_centre", ("data", "centre"): "data_centre",
    ("data", "centres"): "data_centre", ("computing", "centers"): "data_centre",
    ("computing", "centres"): "data_centre",
    ("hard", "drives"): "disk", ("member", "states"): "country",
    ("percentage", "points"): "percentage_point", ("percentage", "point"): "percentage_point",
    ("square", "metres"): "sqm", ("square", "meters"): "sqm", ("square", "feet"): "sqft",
    ("cubic", "metres"): "cubic_meter", ("cubic", "meters"): "cubic_meter", ("hong", "kong"): "hkd",
    ("us", "dollars"): "usd", ("us", "dollar"): "usd", ("server", "halls"): "building",
}  # fmt: skip

_FAMILIES = {"gpu": "chip"}
_MIN_HEAD = 4  # a compound's last part must be this long: "chip" yes, "mu" no


def family(unit: str) -> str:
    """One name for units that count the same thing: a GPU is a chip."""
    return _FAMILIES.get(unit, unit)


@cache
def counted(word: str) -> str:
    """The unit a noun counts, or "": "Grafikchips" gives chip, "KI-Rechenzentren" data_centre."""
    last = fold(word).rpartition("-")[2] or fold(word)
    if last in COUNTED:
        return COUNTED[last]
    for start in range(1, len(last) - _MIN_HEAD + 1):
        if last[start:] in _HEADS:
            return COUNTED[last[start:]]
    return ""


# Too short or too common to end a German compound: "land" would find Finnland, "unit" the community.
_NO_HEAD_WORDS = (
    "land unit units site sites node rack page staff case fall norm post posts card leute order orders "
    "staat hubs stadt meps vote karte karten seite seiten stelle stellen stimme stimmen model models "
    "firm firms pflicht pflichten user users jobs disk disks tier tiers npus gpus "
)
_NO_HEADS = frozenset(_NO_HEAD_WORDS.split())
_HEADS = frozenset(
    spelling for spelling in COUNTED if len(spelling) >= _MIN_HEAD and spelling not in _NO_HEADS
)
