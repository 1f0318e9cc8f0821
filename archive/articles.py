"""Storing what spiders bring: a new article, a new revision, or nothing.

`Keeper` decides for a batch of entries inside one transaction: all keys are looked up at once, rows are
written in bulk. What was there is never lost: a changed article gets a new revision, an entry that has
less than we know (no teaser, no body) takes nothing away.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive import identity, tables
from archive.values import Entry, Storage, Stored, Verdict

_LOOKUP = 400


@dataclass(slots=True)
class _Known:
    """What must be known of a stored article to judge a new sighting of it."""

    id: int
    source: str
    url: str
    title: str
    teaser: str
    body: str
    published: dt.datetime
    revision: int
    content_hash: str
    storage: Storage
    date_mark: str
    marks: list[str]
    tdm: str
    author: str
    language: str


@dataclass(slots=True)
class Keeper:
    """Stores entries of one source in an open transaction."""

    connection: Connection
    source: str
    outlet: str
    storage: Storage
    verdict: Verdict
    now: dt.datetime
    _known: dict[str, _Known] = field(default_factory=dict)
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _aliases: dict[str, tuple[int, str]] = field(default_factory=dict)
    _revisions: list[dict[str, Any]] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)
    _fresh: dict[int, dict[str, Any]] = field(default_factory=dict)

    def store(self, entries: Sequence[Entry]) -> Stored:
        """Store a batch; repeated entries and repeated batches change nothing."""
        entries = [entry for entry in entries if entry.title or entry.external_id]
        if not entries:
            return Stored()
        guids = Counter(entry.guid for entry in entries if entry.guid)
        keyed = [(entry, self._keys(entry, shared_guid=guids[entry.guid] > 1)) for entry in entries]
        self._look_up([key for _, keys in keyed for key in keys])
        next_id = reserve(self.connection, "article", len(entries))
        new = changed = 0
        for entry, keys in keyed:
            known = self._match(entry, keys)
            if known is None:
                self._add(entry, keys, next_id)
                next_id, new = next_id + 1, new + 1
            else:
                changed += self._review(known, entry, keys)
        self._write()
        return Stored(new, changed, len(entries) - new - changed)

    def _keys(self, entry: Entry, *, shared_guid: bool) -> list[str]:
        published = entry.published or self.now
        keys = [
            identity.external_key(entry.external_id),
            identity.url_key(entry.url),
            *(identity.url_key(alias) for alias in entry.aliases),
            "" if shared_guid else identity.guid_key(self.source, entry.guid),
            "" if entry.external_id else identity.title_key(self.outlet, entry.title, published),
        ]
        return [key for key in keys if key]

    def _look_up(self, keys: list[str]) -> None:
        wanted = list(dict.fromkeys(keys))
        columns = [tables.article.c[name] for name in _KNOWN]
        by_id: dict[int, _Known] = {}
        for start in range(0, len(wanted), _LOOKUP):
            rows = self.connection.execute(
                select(tables.alias.c.key, *columns)
                .join_from(tables.alias, tables.article)
                .where(tables.alias.c.key.in_(wanted[start : start + _LOOKUP]))
            )
            for key, *values in rows:
                known = by_id.setdefault(values[0], _known(values))
                self._known[key] = known

    def _match(self, entry: Entry, keys: list[str]) -> _Known | None:
        """The article an entry is a sighting of. An imported id decides alone, then the address."""
        for key in keys:
            known = self._known.get(key)
            if known and self._same(key, known, entry):
                return known
        return None

    def _same(self, key: str, known: _Known, entry: Entry) -> bool:
        if key.startswith(("x:", "u:")):
            return not (key.startswith("u:") and entry.external_id)
        if key.startswith("t:"):  # two pages of one source may carry one title; two sources carry one text
            return known.source != self.source
        same_title = identity.normalised_title(known.title) == identity.normalised_title(entry.title)
        return same_title or (entry.published is not None and entry.published == known.published)

    def _add(self, entry: Entry, keys: list[str], article_id: int) -> None:
        entry = self._at_storage_level(entry)
        digest = identity.content_hash(entry.title, entry.teaser, entry.body)
        known = _Known(
            article_id,
            self.source,
            entry.url,
            entry.title,
            entry.teaser,
            entry.body,
            entry.published or self.now,
            1,
            digest,
            self.storage,
            entry.date_mark or ("" if entry.published else "unknown"),
            list(entry.marks),
            self.verdict.tdm,
            entry.author,
            entry.language,
        )
        self._fresh[article_id] = {
            "id": article_id,
            "external_id": entry.external_id or None,
            "outlet": self.outlet,
            "source": self.source,
            "url": entry.url,
            "title": entry.title,
            "teaser": entry.teaser,
            "body": entry.body,
            "author": entry.author,
            "language": entry.language,
            "published": known.published,
            "date_mark": known.date_mark,
            "first_seen": self.now,
            "revision": 1,
            "content_hash": digest,
            "storage": str(self.storage),
            "marks": known.marks,
            "note": entry.note,
            **_verdict_columns(self.verdict),
        }
        self._keep_revision(known)
        self._name(known, entry, keys)

    def _review(self, known: _Known, entry: Entry, keys: list[str]) -> bool:
        """True where the entry changed the article. Another source only adds what is richer."""
        self._name(known, entry, keys)
        entry = self._at_storage_level(entry)
        richer = self.storage.depth > known.storage.depth
        if known.source != self.source and not richer:
            self._correct_date(known, entry)
            return False
        teaser, body = entry.teaser or known.teaser, entry.body or known.body
        title = entry.title or known.title
        digest = identity.content_hash(title, teaser, body)
        same_text = digest == known.content_hash
        if same_text and not richer and not self._learns(known, entry):
            return False
        self._learn(known, entry)
        known.title, known.teaser, known.body, known.content_hash = title, teaser, body, digest
        if richer:
            known.storage, known.source = self.storage, self.source
        if not same_text:
            known.revision += 1
            self._keep_revision(known)
        self._note_change(known)
        return not same_text

    def _correct_date(self, known: _Known, entry: Entry) -> None:
        """Of two sources of one outlet the earlier date is nearer the truth: indexes date what they saw."""
        if entry.published and not entry.date_mark and entry.published < known.published:
            known.published, known.date_mark = entry.published, ""
            self._note_change(known)

    def _learns(self, known: _Known, entry: Entry) -> bool:
        """True where a sighting with the same text tells a new address, date, author, mark or reservation."""
        moved = identity.url_key(entry.url) not in ("", identity.url_key(known.url))
        dated = known.date_mark == "unknown" and entry.published is not None
        reserved = self.verdict.reserved and known.tdm != "reserved"
        named = bool(entry.author and not known.author) or bool(entry.language and not known.language)
        return moved or dated or reserved or named or not set(entry.marks) <= set(known.marks)

    def _learn(self, known: _Known, entry: Entry) -> None:
        known.url = entry.url or known.url
        if known.date_mark == "unknown" and entry.published is not None:
            known.published, known.date_mark = entry.published, entry.date_mark
        known.marks = list(dict.fromkeys((*known.marks, *entry.marks)))
        known.tdm = self.verdict.tdm
        known.author, known.language = known.author or entry.author, known.language or entry.language

    def _note_change(self, known: _Known) -> None:
        row = self._fresh.get(known.id)
        values = {
            "url": known.url,
            "title": known.title,
            "teaser": known.teaser,
            "body": known.body,
            "content_hash": known.content_hash,
            "revision": known.revision,
            "storage": str(known.storage),
            "source": known.source,
            "published": known.published,
            "date_mark": known.date_mark,
            "marks": known.marks,
            "author": known.author,
            "language": known.language,
        }
        if row is not None:  # seen twice in one batch: the row is not written yet
            row.update(values)
        else:
            self._changes.append({"article": known.id, **values, **_verdict_columns(self.verdict)})

    def _at_storage_level(self, entry: Entry) -> Entry:
        """What the storage level and a reservation let us keep; the guard stands here for every source."""
        if self.verdict.reserved or self.storage is Storage.HEADLINE:
            return replace(entry, teaser="", body="")
        if self.storage is Storage.TEASER or not self.verdict.archive_allowed:
            return replace(entry, body="")
        return entry

    def _name(self, known: _Known, entry: Entry, keys: list[str]) -> None:
        self._seen.add(known.id)
        for key in keys:
            if key not in self._known:
                self._known[key] = known
                self._aliases[key] = (known.id, entry.url if key.startswith("u:") else "")

    def _keep_revision(self, known: _Known) -> None:
        self._revisions.append(
            {
                "article_id": known.id,
                "number": known.revision,
                "seen": self.now,
                "title": known.title,
                "teaser": known.teaser,
                "body": known.body,
            }
        )

    def _write(self) -> None:
        first = reserve(self.connection, "change", len(self._fresh) + len(self._changes))
        for number, row in enumerate([*self._fresh.values(), *self._changes], first):
            row["change"] = number
        if self._fresh:
            self.connection.execute(insert(tables.article), list(self._fresh.values()))
        if self._changes:
            self._write_changes()
        if self._revisions:
            self.connection.execute(insert(tables.revision), self._revisions)
        if self._aliases:
            rows = [{"key": k, "article_id": i, "value": v} for k, (i, v) in self._aliases.items()]
            self.connection.execute(insert(tables.alias), rows)
        if self._seen:
            self._write_sightings()
        self._fresh, self._changes, self._revisions, self._aliases = {}, [], [], {}
        self._seen = set()

    def _write_sightings(self) -> None:
        add = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        rows = [{"article_id": number, "source": self.source} for number in sorted(self._seen)]
        self.connection.execute(add(tables.sighting).on_conflict_do_nothing(), rows)

    def _write_changes(self) -> None:
        # The last change of an article in a batch wins; an analysis of the old text no longer holds.
        rows = list({row["article"]: row for row in self._changes}.values())
        columns = [name for name in rows[0] if name != "article"]
        statement = (
            update(tables.article)
            .where(tables.article.c.id == bindparam("article"))
            .values(
                analysis_version="",
                **{name: bindparam(f"new_{name}", type_=tables.article.c[name].type) for name in columns},
            )
        )
        for row in rows:
            self.connection.execute(
                statement, {"article" if name == "article" else f"new_{name}": row[name] for name in row}
            )


_KNOWN = (
    "id",
    "source",
    "url",
    "title",
    "teaser",
    "body",
    "published",
    "revision",
    "content_hash",
    "storage",
    "date_mark",
    "marks",
    "tdm",
    "author",
    "language",
)


def _known(values: Sequence[Any] | Row[Any]) -> _Known:
    fields = dict(zip(_KNOWN, values, strict=True))
    return _Known(**{**fields, "storage": Storage(fields["storage"])})


def _verdict_columns(verdict: Verdict) -> dict[str, Any]:
    return {
        "robots": verdict.robots,
        "tdm": verdict.tdm,
        "tdm_origin": verdict.tdm_origin,
        "hints": verdict.hints,
        "max_snippet": verdict.max_snippet,
        "verdict_at": verdict.at,
    }


def reserve(connection: Connection, name: str, count: int) -> int:
    """The first of `count` numbers of a counter; the row stays locked to the end of the transaction."""
    counter = tables.counter
    statement = (
        update(counter)
        .where(counter.c.name == name)
        .values(value=counter.c.value + count)
        .returning(counter.c.value)
    )
    last: int = connection.execute(statement).scalar_one()
    return last - count + 1
