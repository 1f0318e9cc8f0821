"""The writer that translates: headline and lead of a foreign report, sentence by sentence.

The terms of `glossary.toml` are put in as the German newsroom writes them before the engine sees the
sentence, and an engine that heeds marks leaves them and the names of firms alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape, unescape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from analysis import names
from digest.claims import nouns
from digest.claims.checking import sentence_spans
from digest.issue import SourceInfo
from digest.selection import Story
from digest.settings import TranslateSettings
from digest.writing import Draft, Sentence
from digest.writing.extract import teaser
from lagebrief.errors import WriterError, WriterOffError

if TYPE_CHECKING:
    from deepl import DeepLClient

FROM = "en"
_MODEL, _VOCABULARY, _SHORTLIST = "model.ende.*.bin", "vocab.ende.spm", "lex.*.ende.*.bin"
_KEPT = re.compile(r"<x>(.*?)</x>")


class Engine(Protocol):
    """What translates English sentences, one by one; marks: does it keep what stands in <x>…</x>?"""

    marks: bool

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """German for each. Raises WriterError, or WriterOffError where it will not come back."""
        ...


class Translate:
    """Headline and lead of the first English report, where no German one leads."""

    name = "translate"
    translates = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, story: Story, sources: Mapping[str, SourceInfo]) -> Draft | None:
        """None for a story that is led by a report in another language than English."""
        read = story.lead
        article = read.article
        if article.language != FROM or article.tdm == "reserved":
            return None
        lead = teaser(article, sources.get(article.source))
        parts = [article.title, *(lead[start:end] for start, end in sentence_spans(lead))]
        parts = [part for part in parts if not part.endswith("…")]  # half a sentence says half the truth
        german = self._engine.translate([_prepared(part, marks=self._engine.marks) for part in parts])
        done = [
            Sentence(unescape(_KEPT.sub(r"\1", text)).strip(), read, (part,))
            for part, text in zip(parts, german, strict=True)
        ]
        return Draft(done[0], tuple(done[1:]))


class DeepL:
    """DeepL's service, by its own client."""

    marks = True

    def __init__(self, settings: TranslateSettings) -> None:
        from deepl import DeepLClient

        self._client: DeepLClient = DeepLClient(
            settings.deepl_key.get_secret_value(), server_url=settings.deepl_url or None
        )

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """In one request."""
        from deepl import AuthorizationException, ConnectionException, DeepLException, QuotaExceededException

        try:
            found: Any = self._client.translate_text(
                list(sentences),
                source_lang="EN",
                target_lang="DE",
                split_sentences="0",
                tag_handling="xml",
                ignore_tags=["x"],
                preserve_formatting=True,
            )
        except (AuthorizationException, QuotaExceededException, ConnectionException) as error:
            raise WriterOffError(f"DeepL does not translate: {error}") from error
        except DeepLException as error:
            raise WriterError(f"DeepL failed: {error}") from error
        return [str(one.text) for one in found]


class Firefox:
    """Mozilla's models, on this machine. folder: holds a model, its vocabulary and its shortlist."""

    marks = False

    def __init__(self, folder: Path) -> None:
        from fxtranslate import Translator

        try:
            model, words, shortlist = (_read(folder, name) for name in (_MODEL, _VOCABULARY, _SHORTLIST))
            self._translator = Translator(model, words, words, shortlist)
        except (OSError, ValueError) as error:
            raise WriterOffError(
                f"no usable translation model in {folder}: run 'lagebrief models fetch' ({error})"
            ) from error

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """One after the other."""
        try:
            return [self._translator.translate(sentence) for sentence in sentences]
        except ValueError as error:
            raise WriterError(f"the translation model failed: {error}") from error


def translator(settings: TranslateSettings, models: Path) -> Translate:
    """The writer with the engine that is set up: DeepL with a key, else Mozilla's models.

    Raises WriterOffError with what is missing.
    """
    if not nouns.available():
        raise WriterOffError(nouns.MISSING)
    if settings.deepl_key.get_secret_value():
        if find_spec("deepl") is None:
            raise WriterOffError("the package deepl is missing: pip install 'lagebrief[translate]'")
        return Translate(DeepL(settings))
    if find_spec("fxtranslate") is None:
        raise WriterOffError("the package fxtranslate is missing: pip install 'lagebrief[translate]'")
    return Translate(Firefox(models))


def _read(folder: Path, pattern: str) -> bytes:
    """Raises FileNotFoundError where no file is so named."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no {pattern}")
    return found[0].read_bytes()


def _prepared(sentence: str, *, marks: bool) -> str:
    """With the glossary's German in its places; that and firms' names are marked if it heeds marks."""
    found = [
        (*match.span(), german) for term, german in glossary().items() for match in _found(term, sentence)
    ]
    if marks:
        kept = [name for name in names.find(sentence) if name.kind in ("company", "product")]
        found += [(name.start, name.end, sentence[name.start : name.end]) for name in kept]
    text, position = "", 0
    for start, end, german in sorted(found, key=lambda place: (place[0], -place[1])):
        if start >= position:
            text += _escaped(sentence[position:start], marks)
            text += f"<x>{escape(german, quote=False)}</x>" if marks else german
            position = end
    return text + _escaped(sentence[position:], marks)


def _found(term: str, sentence: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", sentence, re.IGNORECASE)


def _escaped(text: str, marks: bool) -> str:
    return escape(text, quote=False) if marks else text


@cache
def glossary() -> dict[str, str]:
    """German terms by the English ones."""
    kept = tomllib.loads(files("digest.writing").joinpath("glossary.toml").read_text(encoding="utf-8"))
    return dict(kept["en"])
