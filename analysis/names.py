"""Names of companies, authorities, places, programmes and products, however a newsroom writes them.

The register `data/names.toml` is compiled once into a tree of words; a text is read from left to right and
the longest form wins: "Eigentümer von Tiktok" is Bytedance, "Tiktok" alone the product.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from analysis.normalise import Traceable, fold
from lagebrief.errors import ConfigError

Kind = Literal["company", "authority", "place", "programme", "product"]

# Nearly every report on our topics names these; sharing or adding one says little.
WIDE = frozenset({"china", "peking", "eu", "usa", "deutschland"})

_CHINESE = "\u3400-\u9fff"
_TOKEN = re.compile(f"[{_CHINESE}]|[^\\W{_CHINESE}]+")
_GAP = re.compile(r"[ \-'’.,&+/]{0,2}")  # between the words of one name: "Z.ai", "EU-Kommission", "R1, maker"
_ENDINGS = ("e", "en", "er", "es", "em", "s")  # of adjectives, where a form ends in a star
_SHORT_CAPITALS = 3  # "AP" and "SAP" are names, "ap" is not


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    de: tuple[str, ...] = Field(min_length=1)
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()
    part_of: str = Field(default="", pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")

    @property
    def forms(self) -> tuple[str, ...]:
        return self.de + self.en + self.zh + self.known_as


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text: text[start:end] is how it is written there."""

    id: str
    kind: Kind
    start: int
    end: int


@dataclass(slots=True)
class _Branch:
    """What may follow in the tree. ends: the written form and the id of names that end here."""

    ways: dict[str, _Branch] = field(default_factory=dict)
    ends: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int


class Register:
    """All names; made once by `register()`, or from TOML text in a test."""

    def __init__(self, entries: Mapping[Kind, Mapping[str, _Entry]]) -> None:
        self.kinds: dict[str, Kind] = {id_: kind for kind, named in entries.items() for id_ in named}
        self._entries = {id_: entry for named in entries.values() for id_, entry in named.items()}
        self._root = _Branch()
        for id_, entry in self._entries.items():
            for form in entry.forms:
                self._plant(form, id_)

    @classmethod
    def parse(cls, toml: str, where: str = "names.toml") -> Register:
        """Raises ConfigError for what is no register, naming the entry."""
        try:
            entries = TypeAdapter(dict[Kind, dict[str, _Entry]]).validate_python(tomllib.loads(toml))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigError(f"{where}: {error}") from error
        _check(entries, where)
        return cls(entries)

    def forms(self) -> Iterator[tuple[str, str]]:
        """(id, form) of every spelling; a star behind it stands for the endings of an adjective."""
        for id_, entry in self._entries.items():
            for form in entry.forms:
                yield id_, form

    def printed(self, id_: str) -> str:
        """The spelling to print in German."""
        return self._entries[id_].de[0]

    def wholes(self, id_: str) -> tuple[str, ...]:
        """What the named belongs to, the nearest first: of "yiwu" it is Hami, Xinjiang and China."""
        found = []
        while id_ := self._entries[id_].part_of:
            found.append(id_)
        return tuple(found)

    def find(self, text: str) -> tuple[Name, ...]:
        """The names in a text in order, none overlapping; any text will do."""
        source = Traceable.of(text)
        any_case = source.text.islower()  # someone types a search; case tells nothing
        words = [_Word(fold(m.group()), *m.span()) for m in _TOKEN.finditer(source.text)]
        return tuple(self._read(source, words, any_case))

    def _read(self, source: Traceable, words: list[_Word], any_case: bool) -> Iterator[Name]:
        place = 0
        while place < len(words):
            found = self._longest(source.text, words, place, any_case)
            if found is None:
                place += 1
                continue
            id_, behind = found
            start, end = source.span(words[place].start, words[behind - 1].end)
            yield Name(id_, self.kinds[id_], start, end)
            place = behind

    def _longest(self, text: str, words: list[_Word], place: int, any_case: bool) -> tuple[str, int] | None:
        """(id, the word behind it) of the longest name that begins at a word."""
        best = None
        branch, position = self._root, place
        while branch.ways and position < len(words):
            word = words[position]
            if position > place and not _GAP.fullmatch(text, words[position - 1].end, word.start):
                break
            position += 1
            ended = branch.ways.get(word.folded) or _EMPTY
            # "Alibabas" is Alibaba; "H100s" stands in the tree itself where both are wanted.
            bare = _EMPTY if ended.ends else branch.ways.get(word.folded.removesuffix("s")) or _EMPTY
            written = text[words[place].start : word.end]
            for form, id_ in (*ended.ends, *bare.ends):
                if any_case or _case_fits(form, written):
                    best = id_, position
                    break
            branch = ended if ended.ways else bare
        return best

    def _plant(self, form: str, id_: str) -> None:
        core = form.removesuffix("*")
        tokens = [fold(token) for token in _TOKEN.findall(core)]
        for ending in ("", *_ENDINGS) if form.endswith("*") else ("",):
            branch = self._root
            for token in (*tokens[:-1], tokens[-1] + ending):
                branch = branch.ways.setdefault(token, _Branch())
            branch.ends.append((core, id_))


_EMPTY = _Branch()


@cache
def register() -> Register:
    """The register that comes with the program."""
    return Register.parse(files("analysis").joinpath("data/names.toml").read_text(encoding="utf-8"))


def find(text: str) -> tuple[Name, ...]:
    """The names in a text, by the register that comes with the program."""
    return register().find(text)


def _case_fits(form: str, written: str) -> bool:
    """ "Meta" is the firm, "meta" is not; a form in small letters may stand in any case."""
    if len(form) <= _SHORT_CAPITALS and form.isupper():
        return written.startswith(form)
    return not form[0].isupper() or written[0].isupper()


def _check(entries: Mapping[Kind, Mapping[str, _Entry]], where: str) -> None:
    """Ids are unique, wholes exist and make no circle, no form stands for two names."""
    every = [(id_, entry) for named in entries.values() for id_, entry in named.items()]
    known = dict(every)
    if len(known) < len(every):
        raise ConfigError(f"{where}: an id stands twice; give each name one")
    seen: dict[str, str] = {}
    for id_, entry in every:
        _check_wholes(id_, known, where)
        for form in entry.forms:
            key = " ".join(fold(token) for token in _TOKEN.findall(form))
            if not key or seen.setdefault(key, id_) != id_:
                raise ConfigError(
                    f"{where}: {form!r} of {id_!r} is empty or stands for {seen.get(key)!r} too"
                )


def _check_wholes(id_: str, known: Mapping[str, _Entry], where: str) -> None:
    passed = {id_}
    while whole := known[id_].part_of:
        if whole not in known or whole in passed:
            raise ConfigError(
                f"{where}: part_of of {id_!r} names {whole!r}, which is unknown or its own part"
            )
        passed.add(whole)
        id_ = whole
