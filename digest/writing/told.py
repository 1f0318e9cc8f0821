"""A story told in German sentences of ours: written by the first writer whose sentences hold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.claims.checking import Report, check
from digest.issue import SourceInfo
from digest.rows import Check
from digest.selection import Story
from digest.typography import hold_numbers
from digest.writing import Draft, Sentence, Writer
from lagebrief.errors import WriterError, WriterOffError

log = logging.getLogger(__name__)

MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What may be printed of a writer's draft, and the proof of it. outlets: of the reports it rests on."""

    writer: str
    headline: str
    text: tuple[str, ...]
    outlets: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def has_numbers(self) -> bool:
        return any(check.kind == "number" for check in self.checks)


def told(story: Story, writers: list[Writer], sources: Sequence[SourceInfo]) -> Told | None:
    """None where no writer can tell the story. A writer that is off is taken out of the list."""
    by_key = {source.key: source for source in sources}
    for writer in tuple(writers):
        try:
            draft = writer.write(story, by_key)
        except WriterOffError as error:
            log.warning("writer %s is off for this issue: %s", writer.name, error)
            writers.remove(writer)
            continue
        except WriterError as error:
            log.warning("story %d: writer %s: %s", story.id, writer.name, error)
            continue
        if draft and (held := _held(story, draft, writer)):
            return held
    return None


def _held(story: Story, draft: Draft, writer: Writer) -> Told | None:
    """The draft without the sentences that do not pass; None without a headline or any sentence left."""
    reports: dict[str, Report] = {}
    checks: list[Check] = []
    kept: list[Sentence] = []
    for sentence in (draft.headline, *draft.sentences):
        id_ = sentence.read.article.public_id
        report = reports.setdefault(id_, Report(sentence.read))
        verdict = check(sentence.text, report, sentence.rests_on, translated=writer.translates)
        if verdict.problem:
            log.info(
                "story %d: writer %s: dropped, %s: %s", story.id, writer.name, verdict.problem, sentence.text
            )
            if sentence is draft.headline:
                return None
            continue
        kept.append(sentence)
        checks += verdict.checks
    if len(kept) < 2:
        return None
    headline, *text = kept[: MOST_SENTENCES + 1]
    return Told(
        writer.name,
        hold_numbers(headline.text.rstrip(".")),
        tuple(hold_numbers(sentence.text) for sentence in text),
        tuple(sentence.read.article.outlet for sentence in kept),
        tuple(dict.fromkeys(replace(check, text=hold_numbers(check.text)) for check in checks)),
    )
