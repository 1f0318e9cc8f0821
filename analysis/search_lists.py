"""The names and meanings by which texts are found, as trees of the words of their forms.

They stand in `data/names.toml` and `data/twins.toml`. To read those takes longer than a search, so what they
come to lies beside them in `data/search_lists.json`; it is made anew where it is not of these two files.

    python -m analysis.search_lists    write it, after either file was changed
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from analysis.normalise import fold
from analysis.search_stems import LANGUAGES, number, stem_of, stemmer_version, tokens_of

_SOURCES = ("names.toml", "twins.toml")
_KEPT = "search_lists.json"
_ENDS = ""  # no word is empty, so this key of a branch holds the ids that end there

Kept = dict[str, Any]  # a branch as JSON has it: by word the branch behind it, at _ENDS a list of ids


@dataclass(slots=True)
class Branch:
    """What may follow a word in the tree of phrases, and the ids of phrases that end with it."""

    ways: dict[str, Branch] = field(default_factory=dict)
    ends: tuple[str, ...] = ()


class Tree:
    """Phrases by their first word; a branch is grown when it is first asked for."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._grown: dict[str, Branch] = {}

    def get(self, word: str) -> Branch | None:
        """What phrases that begin with a word go on with; None where none does."""
        if word not in self._kept:
            return None
        if word not in self._grown:
            self._grown[word] = _grown(self._kept[word])
        return self._grown[word]


class Lists:
    """names: ids with "@", by the words of their forms. meanings: ids with "~", by language and stems.

    single: meanings of one German word, by its stem. exact: those of a word just as it stands, by language.
    """

    # In what is kept, `begins` has the first words of the forms of each id: by kind of tree, then by id.

    def __init__(self, kept: Kept) -> None:
        self.names = Tree(kept["names"])
        self.meanings = {language: Tree(kept["meanings"][language]) for language in LANGUAGES}
        self.single: dict[str, tuple[str, ...]] = {stem: tuple(ids) for stem, ids in kept["single"].items()}
        self.exact: dict[str, dict[str, list[str]]] = kept["exact"]
        self._wholes: dict[str, list[str]] = kept["wholes"]
        self._begins: dict[str, dict[str, list[str]]] = kept["begins"]

    def wholes(self, id_: str) -> Iterable[str]:
        """The larger places and owners of a name: a text on Johor speaks of Malaysia too."""
        return self._wholes.get(id_, ())

    def first_words(self, id_: str, language: str) -> frozenset[str]:
        """What the forms of a name or a meaning, or of its parts, begin with."""
        begins = self._begins["names" if id_.startswith("@") else language]
        wanted = [id_, *(part for part, wholes in self._wholes.items() if id_ in wholes)]
        return frozenset(word for one in wanted for word in begins.get(one, ()))


@cache
def lists() -> Lists:
    """The names and meanings that come with the program."""
    kept = json.loads(_data(_KEPT))
    current = (kept["made_of"], kept["stemmer"]) == (made_of(), stemmer_version())
    return Lists(kept if current else made())


def made_of() -> str:
    """Changes with the files that the lists are made of."""
    return hashlib.blake2b(b"".join(map(_data, _SOURCES)), digest_size=8).hexdigest()


def made() -> Kept:
    """The lists as they are kept, made from the two files."""
    from analysis import names  # it is large, and not needed where the kept lists are current

    register, named = names.register(), dict[str, Any]()
    wholes = {f"@{id_}": [f"@{whole}" for whole in register.wholes(id_)] for id_ in register.kinds}
    for id_, form in register.forms():
        for ending in ("", "e", "en", "er", "es", "em", "s") if form.endswith("*") else ("", "s"):
            tokens = [fold(number(token)) for token in tokens_of(form.removesuffix("*"))]
            _plant(named, [*tokens[:-1], tokens[-1] + ending], f"@{id_}")
    meanings: dict[str, Kept] = {language: {} for language in LANGUAGES}
    single: dict[str, list[str]] = {}
    exact: dict[str, dict[str, list[str]]] = {language: {} for language in LANGUAGES}
    for id_, of, tokens, as_it_stands in _twins():
        if as_it_stands:
            _add(exact[of].setdefault(fold(tokens[0]), []), f"~{id_}")
            continue
        for language in LANGUAGES:
            # German texts speak of data centres too, but "die" and "war" are German there.
            if of == language or len(tokens) > 1:
                _plant(meanings[language], [stem_of(token, language) for token in tokens], f"~{id_}")
        if of == "de" and len(tokens) == 1:
            _add(single.setdefault(stem_of(tokens[0], "de"), []), f"~{id_}")
    return {
        "made_of": made_of(),
        "stemmer": stemmer_version(),
        "names": named,
        "meanings": meanings,
        "single": single,
        "exact": exact,
        "wholes": {id_: found for id_, found in wholes.items() if found},
        "begins": {
            "names": _begins(named),
            **{each: _begins(tree, exact[each]) for each, tree in meanings.items()},
        },
    }


def _twins() -> Iterator[tuple[str, str, list[str], bool]]:
    """(id, language, words, whether only just so) of every form of `data/twins.toml`."""
    for id_, forms in tomllib.loads(_data("twins.toml").decode()).items():
        for language, each in zip(LANGUAGES, forms, strict=True):
            for form in each:
                yield id_, language, [number(token) for token in tokens_of(form)], form.startswith("=")


def _plant(root: Kept, words: Iterable[str], end: str) -> None:
    branch = root
    for word in words:
        branch = branch.setdefault(word, {})
    _add(branch.setdefault(_ENDS, []), end)


def _add(ids: list[str], id_: str) -> None:
    if id_ not in ids:
        ids.append(id_)
        ids.sort()


def _grown(kept: Kept) -> Branch:
    ways = {word: _grown(branch) for word, branch in kept.items() if word != _ENDS}
    return Branch(ways, tuple(kept.get(_ENDS, ())))


def _begins(tree: Kept, exact: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
    """By id the first words of its forms."""
    found: dict[str, list[str]] = {}
    for word, ids in (exact or {}).items():
        for id_ in ids:
            found.setdefault(id_, []).append(word)
    for word, branch in tree.items():
        for id_ in set(_ids(branch)):
            found.setdefault(id_, []).append(word)
    return found


def _ids(kept: Kept) -> Iterator[str]:
    """The ids of all phrases that go on from here."""
    for word, branch in kept.items():
        yield from branch if word == _ENDS else _ids(branch)


def _data(name: str) -> bytes:
    return files("analysis").joinpath("data", name).read_bytes()


def main() -> None:
    """Write the lists beside the files they are made of."""
    path = Path(str(files("analysis").joinpath("data", _KEPT)))
    path.write_text(json.dumps(made(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
