"""The steps of the way of an article, each a plain function: safe to repeat, safe in two processes at once.

Commands call them by hand, lagebrief.schedule by the clock; there is no other way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.values import Item
from archive import issues, locks, readings, search_vectors, sources
from archive.issues import StoredIssue
from archive.values import Article, SourceState, SourceStatus
from digest import stories
from digest.issue import SourceInfo
from digest.weeks import Week
from lagebrief.app import App
from lagebrief.config import Loaded
from lagebrief.errors import InputError, TryAgainError, WriterOffError
from spiders.settings import ConfiguredState, Kind, SourceSettings

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from analysis.embedding import Embedder
    from digest.issue import Issue
    from digest.writing import Writer
    from spiders.runs import SourceReport

_ANALYSIS_BATCH = 200
_MEANING_BATCH = 64


async def collect(
    app: App,
    keys: Sequence[str] = (),
    *,
    force: bool = False,
    on_harvest: Callable[[SourceReport], None] = lambda _report: None,
) -> list[SourceReport]:
    """Visit the sources that are due, or the named ones; `force` does not wait for their interval.

    Raises TryAgainError while another process collects, InputError for an unknown key.
    """
    from spiders.collector import collect as visit
    from spiders.warc import FOLDER

    with locks.alone(app.database, "collect"):
        due = due_sources(app, keys, force=force)
        reports = await visit(
            app.database,
            app.config.collect,
            due,
            clock=app.clock,
            on_harvest=on_harvest,
            evidence=app.loaded.data_dir / FOLDER,
        )
        _mark_silent(app, due)
    return reports


def due_sources(app: App, keys: Sequence[str] = (), *, force: bool = False) -> list[SourceSettings]:
    """The sources to visit now, in the order of the configuration."""
    by_key = {source.key: source for source in app.config.sources}
    unknown = [key for key in keys if key not in by_key]
    if unknown:
        raise InputError(f"no source {unknown[0]!r}; known are {', '.join(by_key)}")
    chosen = [by_key[key] for key in keys] or list(app.config.sources)
    chosen = [source for source in chosen if source.kind is not Kind.MANUAL]
    statuses = sources.statuses(app.database, [source.key for source in chosen])
    now = app.clock()
    return [source for source in chosen if is_due(source, statuses[source.key], now, force=force)]


def is_due(source: SourceSettings, status: SourceStatus, now: dt.datetime, *, force: bool = False) -> bool:
    """Active, not paused, its interval over, and no pause running that the site asked for."""
    if source.state is not ConfiguredState.ACTIVE or status.paused:
        return False
    waiting = status.not_before is not None and now < status.not_before
    if force:
        return not (waiting and status.state is SourceState.RATE_LIMITED)
    rested = status.last_fetch is None or now - status.last_fetch >= source.interval
    return rested and not waiting


def analyse(
    app: App, *, everything: bool = False, on_progress: Callable[[int], None] = lambda _count: None
) -> int:
    """Read every article that has no reading of this version, and put it to its story.

    Returns how many were read.
    """
    from analysis.reading import Reader

    topics, meaning, version = app.config.topics, embedder(), _version(app)
    if everything:
        readings.forget(app.database)
    reader, headline_reader = Reader(topics, meaning), Reader(topics)
    count = 0
    while not app.stopping.is_set() and (batch := readings.pending(app.database, version, _ANALYSIS_BATCH)):
        free = [article for article in batch if article.tdm != "reserved"]
        reserved = [article for article in batch if article.tdm == "reserved"]
        read = list(zip(free, reader.read([_item(article) for article in free]), strict=True))
        # A reservation leaves us the headline as feed metadata: its words may be looked up, not mined.
        read += zip(reserved, headline_reader.read([_headline(article) for article in reserved]), strict=True)
        readings.save(app.database, version, read)
        count += len(batch)
        on_progress(len(batch))
    if not app.stopping.is_set():
        with suppress(TryAgainError):  # whoever places stories now takes these along
            stories.place(app.database, meaning, app.clock)
    return count


def without_meaning(app: App) -> int:
    """How many articles `give_meaning` has still to do."""
    from analysis.search_meaning import SearchMeaning

    return search_vectors.count_lacking(app.database, SearchMeaning.name)


def give_meaning(
    app: App, on_progress: Callable[[int], None] = lambda _count: None, *, most: int | None = None
) -> int:
    """Make the vectors that a search by meaning needs, the newest articles first; returns how many were made.

    most: about how many, all by default. A reservation leaves us no more than the words of a headline: such
    articles get none.
    """
    from analysis.search_meaning import SearchMeaning

    meaning, count = SearchMeaning(), 0
    search_vectors.drop_reserved(app.database)
    for batch in search_vectors.lacking(app.database, meaning.name, _MEANING_BATCH):
        if app.stopping.is_set() or (most is not None and count >= most):
            break
        made = meaning.articles([(article.title, article.teaser or article.body) for article in batch])
        search_vectors.save(app.database, meaning.name, batch, made)
        count += len(batch)
        on_progress(len(batch))
    return count


def _version(app: App) -> str:
    """Changes with everything that lets the same text read differently."""
    from analysis.milestones import as_of
    from analysis.reading import VERSION

    described = "\x00".join(topic.model_dump_json() for topic in app.config.topics)
    digest = hashlib.blake2b(f"{as_of()}\x00{described}".encode(), digest_size=6)
    return f"{VERSION}-{digest.hexdigest()}"


def explain(app: App, article: Article) -> list[str]:
    """What is read from an article and why, in lines for an editor."""
    from analysis.milestones import mentioned
    from analysis.reading import Reader

    topics = app.config.topics
    item = _item(article)
    reader = Reader(topics, None if article.tdm == "reserved" else embedder())
    lines = [f"{article.title} ({article.outlet}, {article.published:%Y-%m-%d}, {article.language})"]
    names = {topic.key: topic for topic in topics}
    for score in reader.scores(item):
        word = "relevant" if score.score >= names[score.topic].threshold else "nicht relevant"
        lines.append(
            f"{score.topic}: {word}, {score.score:.2f} (Schwelle {names[score.topic].threshold:.2f})"
        )
        lines += [f"  {evidence}" for evidence in score.evidence]
    for figure in reader.read([item])[0].figures:
        told = " ".join(str(part) for part in (figure.qualifier, figure.plain_value, figure.unit) if part)
        lines.append(f"Zahl: {told} ({figure.subject}) aus „{figure.text}“")
    lines += [f"Frist: {milestone}" for milestone in mentioned(item)]
    return lines


def embedder() -> Embedder | None:
    """The embeddings used for topics and stories."""
    from analysis.embedding import UseEmbedder

    return UseEmbedder()


def _headline(article: Article) -> Item:
    return Item(article.title, language=article.language, published=article.published)


def _item(article: Article) -> Item:
    return Item(article.title, article.teaser, article.body, article.language, article.published)


def compose(app: App, week: Week) -> StoredIssue:
    """Compose, check and render the draft of a week and keep it.

    Raises NothingToDoError with too few stories, InputError where the week is already approved or sent.
    """
    from digest.composing import compose as make
    from digest.rendering import render

    stories.place(app.database, embedder(), app.clock)
    config = app.config
    issue = make(
        app.database,
        week,
        config.digest,
        config.impressum,
        {topic.key: topic.name for topic in config.topics},
        source_infos(app),
        app.clock(),
        writers(app),
    )
    rendered = render(issue)
    draft = StoredIssue(
        week=str(week),
        state="draft",
        created=app.clock(),
        subject=rendered.subject,
        writer=issue.writer,
        content={**issue.to_json(), "made_of": _made_of(app, issue), "frozen": issue.frozen()},
        html=rendered.html,
        text=rendered.text,
    )
    if not issues.save_draft(app.database, draft):
        raise InputError(f"the issue of {week} is already approved or sent; it is not composed again")
    return draft


def _made_of(app: App, issue: Issue) -> dict[str, Any]:
    """What it takes to make the same issue again: versions of the reports, the settings, the program."""
    settings = app.config.model_dump_json(include={"digest", "topics", "llm", "translate", "impressum"})
    return {
        "revisions": issue.revisions,
        "config": hashlib.blake2b(settings.encode(), digest_size=8).hexdigest(),
        "version": version("lagebrief"),
    }


def writers(app: App) -> list[Writer]:
    """Those that write German sentences, as far as they are set up, the best first.

    Raises WriterOffError where the one that is asked for by name cannot work.
    """
    from digest.writing.llm import language_model
    from digest.writing.translate import translator

    config, found, asked = app.config, [], app.config.digest.writer
    ways: dict[str, Callable[[], Writer]] = {
        "llm": lambda: language_model(config.llm, app.loaded.data_dir / "answers"),
        "translate": lambda: translator(config.translate, models_folder(app.loaded)),
    }
    for name, make in ways.items():
        if asked not in ("auto", name):
            continue
        try:
            found.append(make())
        except WriterOffError as error:
            if asked == name:
                raise
            log.info("writer %s: %s", name, error)
    return found


def models_folder(loaded: Loaded) -> Path:
    """Where the translation models lie."""
    return loaded.data_dir / "models" / "en-de"


def approve(app: App, week: Week, by: str) -> StoredIssue:
    """Approve the draft of a week: from then on a person answers for it, and its pages say so.

    Raises InputError where there is no draft, or it was composed anew meanwhile.
    """
    from digest.issue import thaw
    from digest.rendering import render

    draft = stored_issue(app, week)
    if draft.state != "draft":
        raise InputError(f"the issue of {week} is {draft.state}, not a draft")
    must_be_thawable(draft)
    approved = replace(thaw(draft.content["frozen"]), state="approved")
    rendered = render(approved)
    if not issues.approve(app.database, draft, by, app.clock(), rendered.html, rendered.text):
        raise InputError(f"the issue of {week} was composed anew meanwhile: look at it and approve again")
    return stored_issue(app, week)


def must_be_thawable(issue: StoredIssue) -> None:
    """Raises InputError for an issue that was composed before its parts were kept."""
    if "frozen" not in issue.content:
        raise InputError(
            f"the issue of {issue.week} is of an older version; "
            f"'lagebrief digest compose --week {issue.week}' makes a draft anew"
        )


def correct(app: App, week: Week, text: str, by: str) -> None:
    """Correct an approved issue: the next one says so. Raises InputError where it was never approved."""
    if not text.strip():
        raise InputError("a correction needs its words")
    if not issues.correct(app.database, str(week), text.strip(), by, app.clock()):
        raise InputError(f"there is no approved issue of {week}: mend the draft instead")


def source_infos(app: App) -> list[SourceInfo]:
    """What an issue must know of each source, with pauses an operator set by hand."""
    statuses = sources.statuses(app.database)
    return [
        SourceInfo(
            key=source.key,
            outlet=source.outlet,
            name=source.name,
            teaser_words=source.teaser_words,
            state="paused" if _paused(statuses, source.key) else str(source.state),
            reason=source.reason,
            via=source.via,
        )
        for source in app.config.sources
        if source.kind is not Kind.MANUAL
    ]


def stored_issue(app: App, week: Week) -> StoredIssue:
    """The issue of a week. Raises InputError if it was never composed."""
    found = issues.load(app.database, str(week))
    if found is None:
        raise InputError(f"there is no issue of {week}: run 'lagebrief digest compose --week {week}'")
    return found


def export(app: App, issue: StoredIssue, folder: Path, to: str, *, paper: bool = False) -> list[Path]:
    """Write the issue as page, text and mail, for paper also as PDF; no mail while no sender is configured.

    Raises InputError, and writes nothing, where what a PDF needs is missing.
    """
    written = {".html": issue.html.encode(), ".txt": issue.text.encode()}
    if app.config.mail.from_:
        written[".eml"] = message(app, issue, to)
    if paper:
        from digest.pdf import pdf

        written[".pdf"] = pdf(issue)
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"lagebrief-{issue.week}"
    paths = []
    for suffix, content in written.items():
        path = stem.with_suffix(suffix)
        path.write_bytes(content)
        paths.append(path)
    return paths


def message(app: App, issue: StoredIssue, to: str) -> bytes:
    """The issue as a mail to one address."""
    from mailing.message import build

    created = issue.created.astimezone(dt.UTC)
    return build(
        issue.subject,
        issue.text,
        issue.html,
        app.config.mail,
        to=to,
        date=created,
        message_id=f"<{issue.week.lower()}.preview@{_domain(app.config.mail.from_)}>",
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2].rstrip(">") or "localhost"


def _paused(statuses: dict[str, SourceStatus], key: str) -> bool:
    return key in statuses and statuses[key].paused


def _mark_silent(app: App, visited: Sequence[SourceSettings]) -> None:
    now, patience = app.clock(), app.config.collect.silent_after
    for key, status in sources.statuses(app.database, [source.key for source in visited]).items():
        since = status.last_new or status.state_since
        if status.state and status.state.good and since and now - since > patience:
            sources.mark_silent(app.database, key, f"answers, but nothing new since {since:%Y-%m-%d}", now)
