"""Storing what spiders bring: a new article, a new revision, or nothing.

`Keeper` decides for a batch of entries inside one transaction: all keys are looked up at once, rows are
written in bulk. What was there is never lost: a changed article gets a new revision, an entry that has
less than we know (no teaser, no body) takes nothing away. What was deleted (archive.deletion) stays away.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from archive import identity
from archive.batch import Batch, reserve
from archive.known import Known, entombed, look_up
from archive.values import Entry, Storage, Stored, Verdict


@dataclass(slots=True)
class Keeper:
    """Stores entries of one source in an open transaction.

    only_new: articles that another source brought are left as they are; for imports, which know nothing of
    the verdict under which those were kept.
    """

    connection: Connection
    source: str
    outlet: str
    storage: Storage
    verdict: Verdict
    now: dt.datetime
    only_new: bool = False
    _known: dict[str, Known] = field(default_factory=dict)
    _batch: Batch = field(default_factory=Batch)

    def store(self, entries: Sequence[Entry]) -> Stored:
        """Store a batch; repeated entries and repeated batches change nothing."""
        entries = [entry for entry in entries if entry.title or entry.external_id]
        if not entries:
            return Stored()
        guids = Counter(entry.guid for entry in entries if entry.guid)
        keyed = [(entry, self._keys(entry, shared_guid=guids[entry.guid] > 1)) for entry in entries]
        self._known = look_up(self.connection, [key for _, keys in keyed for key in keys])
        graves = self._graves(keyed)
        self._batch = Batch()
        next_id = reserve(self.connection, "article", len(entries))
        new = changed = 0
        for entry, keys in keyed:
            known = self._match(entry, keys)
            if graves and self._deleted(entry, keys, known, graves):
                continue
            if known is None:
                self._add(entry, keys, next_id)
                next_id, new = next_id + 1, new + 1
            else:
                changed += self._review(known, entry, keys)
        self._batch.write(self.connection, self.source)
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

    def _match(self, entry: Entry, keys: list[str]) -> Known | None:
        """The article an entry is a sighting of. An imported id decides alone, then the address."""
        for key in keys:
            known = self._known.get(key)
            if known and self._same(key, known, entry):
                return known
        return None

    def _same(self, key: str, known: Known, entry: Entry) -> bool:
        if key.startswith(("x:", "u:")):
            return not (key.startswith("u:") and entry.external_id)
        if key.startswith("t:"):  # two pages of one source may carry one title; two sources carry one text
            return known.source != self.source
        same_title = identity.normalised_title(known.title) == identity.normalised_title(entry.title)
        return same_title or (entry.published is not None and entry.published == known.published)

    def _graves(self, keyed: Sequence[tuple[Entry, list[str]]]) -> set[str]:
        """Keys of these entries under which an article was deleted, asked for in one go."""
        wanted = [key for _, keys in keyed for key in keys]
        wanted += [key for entry, keys in keyed for key in _guid_graves(entry, keys)]
        return entombed(self.connection, wanted)

    def _deleted(self, entry: Entry, keys: list[str], known: Known | None, graves: set[str]) -> bool:
        """True where the entry is a sighting of a deleted article and must not bring it back.

        An imported id decides alone where its article is there, then the entry's own address; the other keys
        speak only where no article is known by them.
        """
        if known and entry.external_id:
            return False
        own = {identity.external_key(entry.external_id), identity.url_key(entry.url)}
        if own & graves:
            return True
        return known is None and not graves.isdisjoint([*keys, *_guid_graves(entry, keys)])

    def _add(self, entry: Entry, keys: list[str], article_id: int) -> None:
        entry = self._at_storage_level(entry)
        digest = identity.content_hash(entry.title, entry.teaser, entry.body)
        known = Known(
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
        others = {
            "external_id": entry.external_id or None,
            "outlet": self.outlet,
            "note": entry.note,
            **_verdict_columns(self.verdict),
        }
        self._batch.add(known, self.now, others)
        self._batch.keep_revision(known, self.now)
        self._name(known, entry, keys)

    def _review(self, known: Known, entry: Entry, keys: list[str]) -> bool:
        """True where the entry changed the article. Another source only adds what is richer."""
        self._name(known, entry, keys)
        if self.only_new and known.source != self.source:
            return False
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
            self._batch.keep_revision(known, self.now)
        self._batch.change(known, _verdict_columns(self.verdict))
        return not same_text

    def _correct_date(self, known: Known, entry: Entry) -> None:
        """Of two sources of one outlet the earlier date is nearer the truth: indexes date what they saw."""
        if entry.published and not entry.date_mark and entry.published < known.published:
            known.published, known.date_mark = entry.published, ""
            self._batch.change(known, _verdict_columns(self.verdict))

    def _learns(self, known: Known, entry: Entry) -> bool:
        """True where a sighting with the same text tells a new address, date, author, mark or reservation."""
        moved = identity.url_key(entry.url) not in ("", identity.url_key(known.url))
        dated = known.date_mark == "unknown" and entry.published is not None
        reserved = self.verdict.reserved and known.tdm != "reserved"
        named = bool(entry.author and not known.author) or bool(entry.language and not known.language)
        return moved or dated or reserved or named or not set(entry.marks) <= set(known.marks)

    def _learn(self, known: Known, entry: Entry) -> None:
        known.url = entry.url or known.url
        if known.date_mark == "unknown" and entry.published is not None:
            known.published, known.date_mark = entry.published, entry.date_mark
        known.marks = list(dict.fromkeys((*known.marks, *entry.marks)))
        known.tdm = self.verdict.tdm
        known.author, known.language = known.author or entry.author, known.language or entry.language

    def _at_storage_level(self, entry: Entry) -> Entry:
        """What the storage level and a reservation let us keep; the guard stands here for every source."""
        if self.verdict.reserved or self.storage is Storage.HEADLINE:
            return replace(entry, teaser="", body="")
        if self.storage is Storage.TEASER or not self.verdict.archive_allowed:
            return replace(entry, body="")
        return entry

    def _name(self, known: Known, entry: Entry, keys: list[str]) -> None:
        self._batch.seen.add(known.id)
        for key in keys:
            if key not in self._known:
                self._known[key] = known
                value = entry.url if key.startswith("u:") else ""
                self._batch.aliases.append({"key": key, "article_id": known.id, "value": value})


def _guid_graves(entry: Entry, keys: list[str]) -> list[str]:
    by_guid = [key for key in keys if key.startswith("g:")]
    return [key for guid in by_guid for key in identity.guid_graves(guid, [entry.title], entry.published)]


def _verdict_columns(verdict: Verdict) -> dict[str, Any]:
    return {
        "robots": verdict.robots,
        "tdm": verdict.tdm,
        "tdm_origin": verdict.tdm_origin,
        "hints": verdict.hints,
        "max_snippet": verdict.max_snippet,
        "verdict_at": verdict.at,
    }
