"""How an article changed after it was first seen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from sqlalchemy import and_, select

from archive import queries, tables
from archive.database import Database
from archive.queries import to_article
from archive.values import Article, Revision

Kind = Literal["same", "gone", "new"]

_PIECE = re.compile(r"\s+|\w+(?:[.,]\d+)*|[^\w\s]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MOST_PIECES = 20_000  # of a text; beyond, it is compared line by line
_PATIENCE = dt.timedelta(hours=1)
_A, _R = tables.article, tables.revision


@dataclass(frozen=True, slots=True)
class SilentChange:
    """An article whose title or figures are not those it was published with."""

    article: Article
    before: Revision
    after: Revision
    title_changed: bool
    numbers_gone: tuple[str, ...]
    numbers_new: tuple[str, ...]


def word_diff(before: str, after: str) -> list[tuple[Kind, str]]:
    """Stretches that stayed, went and came, in reading order; whole words, so that people can read it.

    Joined, "same" and "gone" give `before`, "same" and "new" give `after`.
    """
    old, new = _pieces(before), _pieces(after)
    found: list[tuple[Kind, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("gone", "".join(old[a:b])))
        if d > c:
            found.append(("new", "".join(new[c:d])))
    return found


def silent_changes(
    database: Database,
    since: dt.datetime,
    until: dt.datetime,
    *,
    patience: dt.timedelta = dt.timedelta(hours=1),
) -> Iterator[SilentChange]:
    """Changes of title or figures seen in a period [since, until), newest first.

    patience: what a newsroom mends within this time after we first saw the article is no silent change.
    """
    earlier = _R.alias("earlier")
    statement = (
        select(_R.c.article_id, _R.c.number)
        .join(_A, _A.c.id == _R.c.article_id)
        .join(earlier, and_(earlier.c.article_id == _R.c.article_id, earlier.c.number == _R.c.number - 1))
        .where(_R.c.seen >= since, _R.c.seen < until)
        .order_by(_R.c.seen.desc(), _R.c.article_id, _R.c.number.desc())
    )
    with database.reading() as connection:
        rows = connection.execute(statement).all()
    for row in rows:
        versions = {revision.number: revision for revision in queries.revisions(database, row.article_id)}
        before, after = versions[row.number - 1], versions[row.number]
        if after.seen - versions[min(versions)].seen < patience:
            continue
        change = _compare(database, row.article_id, before, after)
        if change:
            yield change


def _compare(database: Database, article_id: int, before: Revision, after: Revision) -> SilentChange | None:
    retitled = before.title != after.title
    old, new = _numbers(before, after), _numbers(after, before)
    gone, come = tuple(sorted(old - new)), tuple(sorted(new - old))
    # A body that came later brings figures of its own; only what stood there and went was changed.
    if not retitled and not gone:
        return None
    with database.reading() as connection:
        row = connection.execute(select(_A).where(_A.c.id == article_id)).first()
    return SilentChange(to_article(row._mapping), before, after, retitled, gone, come) if row else None


def _numbers(revision: Revision, other: Revision) -> set[str]:
    """Numbers of the parts that both versions have."""
    parts = (
        (revision.title, other.title),
        (revision.teaser, other.teaser),
        (revision.body, other.body),
    )
    return {number for own, theirs in parts if own and theirs for number in _NUMBER.findall(own)}


def _pieces(text: str) -> list[str]:
    pieces = _PIECE.findall(text)
    return pieces if len(pieces) <= _MOST_PIECES else text.splitlines(keepends=True)
