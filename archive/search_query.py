"""From what people typed (archive.query_language) to a query of the index."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import tantivy
from tantivy import Occur

from analysis.values import SearchSpan, SearchWord
from archive.query_language import Clause, Kind, Query
from archive.search_layout import FIRST_DAY, LAST_DAY, Words, midnight

_TITLE, _PLAIN, _INSIDE, _NAME, _PARTS, _MEANING = 3.0, 1.2, 0.5, 0.8, 0.4, 0.3
_TIE = 0.2  # what the weaker ways to find one word add
_LONGEST_TERM = 200

_Part = tuple[Occur, tantivy.Query]
_Parts = list[_Part]


@dataclass(frozen=True, slots=True)
class Way:
    """A plain word as queries. scored: found in any way, better ones above. found: the same, for counting.

    exact: by the word itself. parts: those of a compound, each by itself; head: the last one, where only it
    is known.
    """

    scored: tantivy.Query
    found: tantivy.Query
    exact: tantivy.Query
    parts: tuple[tantivy.Query, ...]
    head: tantivy.Query | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A query of the index as tiers; what a tier finds comes behind what those before it have found.

    The first has the words as they were typed, the second in whatever form, the third most of them.
    every: what any tier finds, without a score. firm: what must or must not be there, in what is found by its
    meaning too. words: the plain words. wanted: tokens whose words are marked in what is found. typed: the
    words given. most: what the third tier scores an article with all the words.
    """

    tiers: tuple[tantivy.Query, ...]
    every: tantivy.Query
    firm: tuple[tuple[Occur, tantivy.Query], ...] = ()
    words: tuple[Way, ...] = ()
    wanted: frozenset[str] = frozenset()
    typed: tuple[SearchWord, ...] = ()
    most: float = 0.0


@dataclass(slots=True)
class _Builder:
    schema: tantivy.Schema
    words: Words
    wanted: set[str] = field(default_factory=set)
    typed: list[SearchWord] = field(default_factory=list)

    def term(self, name: str, value: str, boost: float = 1.0) -> tantivy.Query:
        found = tantivy.Query.term_query(self.schema, name, value[:_LONGEST_TERM])
        return found if boost == 1.0 else tantivy.Query.boost_query(found, boost)

    def run(self, text: str) -> list[Way]:
        """The words that stand beside one another; those that say nothing are left out beside others."""
        words, spans = self.words.query_words(text)
        found = []
        telling = any(not word.faint for word in words)
        for place, word in enumerate(words):
            if word.faint and telling:
                continue
            self.typed.append(word)
            found.append(self.word(word, [span for span in spans if span.first <= place < span.last]))
        return found

    def word(self, word: SearchWord, spans: Sequence[SearchSpan] = ()) -> Way:
        """All the ways in which a word can be found."""
        ids = {*word.more, *(one for span in spans for one in span.more)}
        self.wanted.update((word.plain, *word.stems, *ids))
        self.wanted.update(one for part in (*word.parts, word.head) for one in part)
        itself = [self.term("plain", word.plain, _PLAIN)]
        itself += [self.term("title", stem, _TITLE) for stem in word.stems]
        stems = [self.term("text", stem) for stem in word.stems]
        inside = [self.term("more", stem, _INSIDE) for stem in word.stems]
        inside += [self.term("more", id_, _NAME if id_.startswith("@") else _MEANING) for id_ in ids]
        parts = tuple(self.part(part) for part in word.parts)
        apart = parts if not word.more else ()  # a Kraftwerk is not some Kraft and some Werk
        if apart:
            inside.append(tantivy.Query.boost_query(_all(apart), _PARTS))
        return Way(
            scored=tantivy.Query.disjunction_max_query([*itself, *stems, *inside], _TIE),
            found=_any([*self.telling(word, ids), *([_all(apart)] if apart else [])]),
            exact=_any([*itself, *stems]),
            parts=parts,
            head=self.part(word.head) if word.head else None,
        )

    def telling(self, word: SearchWord, ids: Iterable[str]) -> list[tantivy.Query]:
        """The fewest terms by which every text with the word is found: each is a list to go through.

        A text of neither language is read as a German one, its English stems kept beside.
        """
        german = word.stems[0]
        text = [("text", stem) for stem in word.stems if stem not in word.covered]
        more = [("more", stem) for stem in word.stems if stem not in word.covered or stem != german]
        return [self.term(name, value) for name, value in (*text, *more, *(("more", id_) for id_ in ids))]

    def part(self, stems: Sequence[str]) -> tantivy.Query:
        return _any([self.term(name, one) for one in stems for name in ("text", "more")])

    def exactly(self, word: SearchWord) -> tantivy.Query:
        return _any([self.term("text", stem) for stem in word.stems])

    def clause(self, clause: Clause) -> tantivy.Query:
        """What a clause beside others finds; a negated one everything else."""
        if clause.negated:
            rest = tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
            return tantivy.Query.boolean_query([(Occur.Must, rest), (Occur.MustNot, self.unwanted(clause))])
        return self.wanted_clause(clause)

    def unwanted(self, clause: Clause) -> tantivy.Query:
        """What must not stand there: the word itself, not what is like it."""
        if clause.kind is not Kind.WORDS:
            return self.wanted_clause(clause)
        words, _ = self.words.query_words(clause.text)
        return _all([self.exactly(word) for word in words])

    def wanted_clause(self, clause: Clause) -> tantivy.Query:
        if clause.kind is Kind.PREFIX:
            return self.prefix(clause.text)
        if clause.kind is Kind.PHRASE:
            return self.phrase(clause.text)
        ways = self.run(clause.text)
        return _all([way.scored for way in ways]) if ways else tantivy.Query.empty_query()

    def phrase(self, text: str) -> tantivy.Query:
        """Words in this order; a single one in just this form."""
        words, _ = self.words.query_words(text)
        self.typed.extend(words)
        if not words:
            return tantivy.Query.empty_query()
        if len(words) == 1:
            self.wanted.add(words[0].plain)
            return self.term("plain", words[0].plain)
        self.wanted.update(stem for word in words for stem in word.stems)
        stems = {tuple(word.stems[0] for word in words), tuple(word.stems[-1] for word in words)}
        orders = [tantivy.Query.phrase_query(self.schema, "text", list(each)) for each in sorted(stems)]
        return _any(orders)

    def prefix(self, text: str) -> tantivy.Query:
        words, _ = self.words.query_words(text)
        if not words:
            return tantivy.Query.empty_query()
        *whole, begun = words
        parts: _Parts = [(Occur.Must, self.word(word).scored) for word in whole]
        self.wanted.add(f"{begun.plain}*")
        pattern = f"{re.escape(begun.plain[:_LONGEST_TERM])}.*"
        return tantivy.Query.boolean_query(
            [*parts, (Occur.Must, tantivy.Query.regex_query(self.schema, "plain", pattern))]
        )


def build(index: tantivy.Index, query: Query, words: Words) -> Built:
    """The query for the index. A query of filters alone finds whatever passes them."""
    builder = _Builder(index.schema, words)
    must: _Parts = []
    against: _Parts = []
    ways: list[Way] = []
    for kind, groups in _runs(query.groups):
        if kind == "against":
            against += [(Occur.MustNot, builder.unwanted(group[0])) for group in groups]
        elif kind == "run":
            ways += builder.run(" ".join(group[0].text for group in groups))
        else:
            must += [(Occur.Must, _any([builder.clause(clause) for clause in group])) for group in groups]
    firm = (*must, *against, *_filters(index, query))
    tiers, every = _tiers(ways, firm)
    return Built(tiers, every, firm, tuple(ways), frozenset(builder.wanted), tuple(builder.typed))


def _tiers(ways: Sequence[Way], firm: Sequence[_Part]) -> tuple[tuple[tantivy.Query, ...], tantivy.Query]:
    """(tiers, what all of them find): articles with the very words come before all others."""
    if not ways:
        some = any(occur is Occur.Must for occur, _ in firm)
        rest = [] if some else [(Occur.Must, tantivy.Query.all_query())]
        alone = tantivy.Query.boolean_query([*rest, *firm])
        return (alone,), alone
    exact = _all([way.exact for way in ways])
    loose = [(Occur.Must, way.scored) for way in ways]
    return (
        tantivy.Query.boolean_query([*((Occur.Must, way.exact) for way in ways), *firm]),
        tantivy.Query.boolean_query([*loose, (Occur.MustNot, exact), *firm]),
    ), tantivy.Query.boolean_query([*((Occur.Must, way.found) for way in ways), *firm])


def _runs(groups: Sequence[Sequence[Clause]]) -> Iterable[tuple[str, list[Sequence[Clause]]]]:
    """Groups by kind; plain words side by side come together, since several may be one name."""
    run: list[Sequence[Clause]] = []
    for group in groups:
        if len(group) == 1 and group[0].kind is Kind.WORDS and not group[0].negated:
            run.append(group)
            continue
        if run:
            yield "run", run
            run = []
        yield ("against" if len(group) == 1 and group[0].negated else "any"), [group]
    if run:
        yield "run", run


def _filters(index: tantivy.Index, query: Query) -> _Parts:
    parts: _Parts = []
    for names, values in (
        (("source", "outlet"), query.sources),
        (("topic",), query.topics),
        (("language",), query.languages),
        (("tag",), query.tags),
    ):
        if values:
            terms = [tantivy.Query.term_query(index.schema, n, value) for n in names for value in values]
            parts.append((Occur.Must, tantivy.Query.const_score_query(_any(terms), 0.0)))
    if query.since or query.until:
        parts.append((Occur.Must, _period(index, query.since, query.until)))
    if query.among is not None:
        ids = tantivy.Query.term_set_query(index.schema, "id", list(query.among))
        parts.append((Occur.Must, tantivy.Query.const_score_query(ids, 0.0)))
    return parts


def _period(index: tantivy.Index, since: dt.date | None, until: dt.date | None) -> tantivy.Query:
    day = dt.timedelta(days=1)
    since = since and min(max(since, FIRST_DAY), LAST_DAY)
    until = until and min(max(until, FIRST_DAY), LAST_DAY)
    period = tantivy.Query.range_query(
        index.schema,
        "published",
        tantivy.FieldType.Date,
        midnight(since) if since else None,
        midnight(until + day) if until else None,
        include_upper=until is None,
    )
    return tantivy.Query.const_score_query(period, 0.0)


def _all(wanted: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, one) for one in wanted])


def _any(choices: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(choices) == 1:
        return choices[0]
    return tantivy.Query.boolean_query([(Occur.Should, choice) for choice in choices])
