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

# A hit by the very word counts above every other: two hits by the word differ by less than this.
EXACT = 1_000.0
# A hit by all words in any way counts above one by most of them.
ALL = 450.0
_TITLE, _PLAIN, _INSIDE, _NAME, _PARTS, _MEANING = 3.0, 1.2, 0.5, 0.8, 0.4, 0.3
_TIE = 0.2  # what the weaker ways to find one word add
_LONGEST_TERM = 200

_Parts = list[tuple[Occur, tantivy.Query]]


@dataclass(slots=True)
class Built:
    """A query of the index. wanted: tokens whose words are marked in what is found. typed: the words given.

    words: each plain word in any way, and its parts. firm: what else must or must not be there, in what is
    found by its meaning too.
    """

    query: tantivy.Query
    wanted: frozenset[str] = frozenset()
    typed: tuple[SearchWord, ...] = ()
    words: tuple[tuple[tantivy.Query, list[tantivy.Query]], ...] = ()
    firm: tuple[tuple[Occur, tantivy.Query], ...] = ()


@dataclass(slots=True)
class _Run:
    """Plain words: each in any way, each by itself, and what `Built.words` keeps of them."""

    loose: _Parts = field(default_factory=list)
    exact: _Parts = field(default_factory=list)
    words: list[tuple[tantivy.Query, list[tantivy.Query]]] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    schema: tantivy.Schema
    words: Words
    wanted: set[str] = field(default_factory=set)
    typed: list[SearchWord] = field(default_factory=list)

    def term(self, name: str, value: str, boost: float = 1.0) -> tantivy.Query:
        found = tantivy.Query.term_query(self.schema, name, value[:_LONGEST_TERM])
        return found if boost == 1.0 else tantivy.Query.boost_query(found, boost)

    def run(self, text: str) -> _Run:
        """The words that stand beside one another; those that say nothing are left out beside others."""
        words, spans = self.words.query_words(text)
        run = _Run()
        telling = any(not word.faint for word in words)
        for place, word in enumerate(words):
            if word.faint and telling:
                continue
            around = [span for span in spans if span.first <= place < span.last]
            self.typed.append(word)
            found = self.word(word, around)
            run.loose.append((Occur.Must, found))
            run.exact.append((Occur.Must, self.exactly(word)))
            run.words.append((found, self.parts(word)))
        return run

    def word(self, word: SearchWord, spans: Sequence[SearchSpan] = ()) -> tantivy.Query:
        """All the ways in which a word can be found."""
        self.wanted.update((word.plain, *word.stems, *word.more), *(span.more for span in spans))
        ways = [self.term("plain", word.plain, _PLAIN)]
        for stem in word.stems:
            ways += [self.term("text", stem), self.term("title", stem, _TITLE)]
            ways.append(self.term("more", stem, _INSIDE))
        for found in {*word.more, *(one for span in spans for one in span.more)}:
            ways.append(self.term("more", found, _NAME if found.startswith("@") else _MEANING))
        if parts := self.parts(word):
            inside = tantivy.Query.boolean_query([(Occur.Must, part) for part in parts])
            ways.append(tantivy.Query.boost_query(inside, _PARTS))
        return tantivy.Query.disjunction_max_query(ways, _TIE)

    def parts(self, word: SearchWord) -> list[tantivy.Query]:
        """The parts of a compound, each by itself."""
        self.wanted.update(one for part in word.parts for one in part)
        return [
            _any([self.term(name, one) for one in part for name in ("text", "more")]) for part in word.parts
        ]

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
        return tantivy.Query.boolean_query([(Occur.Must, self.exactly(word)) for word in words])

    def wanted_clause(self, clause: Clause) -> tantivy.Query:
        if clause.kind is Kind.PREFIX:
            return self.prefix(clause.text)
        if clause.kind is Kind.PHRASE:
            return self.phrase(clause.text)
        loose = self.run(clause.text).loose
        return tantivy.Query.boolean_query(loose) if loose else tantivy.Query.empty_query()

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
        parts: _Parts = [(Occur.Must, self.word(word)) for word in whole]
        self.wanted.add(f"{begun.plain}*")
        pattern = f"{re.escape(begun.plain[:_LONGEST_TERM])}.*"
        return tantivy.Query.boolean_query(
            [*parts, (Occur.Must, tantivy.Query.regex_query(self.schema, "plain", pattern))]
        )


def build(index: tantivy.Index, query: Query, words: Words) -> Built:
    """The query for the index. A query of filters alone finds whatever passes them."""
    builder = _Builder(index.schema, words)
    plain: _Parts = []
    must: _Parts = []
    exact: _Parts = []
    alone: list[tuple[tantivy.Query, list[tantivy.Query]]] = []
    against: _Parts = []
    for kind, groups in _runs(query.groups):
        if kind == "against":
            against += [(Occur.MustNot, builder.unwanted(group[0])) for group in groups]
        elif kind == "run":
            run = builder.run(" ".join(group[0].text for group in groups))
            plain += run.loose
            exact += run.exact
            alone += run.words
        else:
            must += [(Occur.Must, _any([builder.clause(clause) for clause in group])) for group in groups]
    firm = (*must, *against, *_filters(index, query))
    whole = [*plain, *firm]
    if not any(occur is Occur.Must for occur, _ in whole):
        whole.append((Occur.Must, tantivy.Query.all_query()))
    whole.append((Occur.Should, tantivy.Query.const_score_query(tantivy.Query.all_query(), ALL)))
    if exact:
        every = tantivy.Query.boolean_query(exact)
        whole.append((Occur.Should, tantivy.Query.const_score_query(every, EXACT)))
    return Built(
        tantivy.Query.boolean_query(whole),
        frozenset(builder.wanted),
        tuple(builder.typed),
        tuple(alone),
        firm,
    )


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


def _any(choices: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(choices) == 1:
        return choices[0]
    return tantivy.Query.boolean_query([(Occur.Should, choice) for choice in choices])
