"""The steps of the way of an article: who is due, what may be repeated, what is left alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from example_archive import HOUR, Clock, store, store_and_read_examples, store_examples

from analysis.reading import Reader
from analysis.values import Item
from archive import issues, locks, queries, readings, sources
from archive.issues import StoredIssue
from archive.values import Entry, SourceState, SourceStatus, Storage, Verdict
from digest.boxes import own_corrections
from digest.weeks import Week
from lagebrief import jobs
from lagebrief.app import App
from lagebrief.errors import InputError, NothingToDoError, TryAgainError
from spiders.settings import ConfiguredState, SourceSettings

NOW = dt.datetime(2025, 7, 9, 12, tzinfo=dt.UTC)
SOURCE = SourceSettings(key="dcd", kind="rss", url="https://example.org/feed", interval=3 * HOUR)
WEEK = Week.parse("2025-W28")
# Too little for the lexicon: only the embedding can tell.
QUIET_TITLE = "Bytedance mietet Hallen voller Grafikprozessoren in der Inneren Mongolei"


def status(**values: object) -> SourceStatus:
    return replace(SourceStatus("dcd"), **values)  # type: ignore[arg-type]


RESTING = status(state=SourceState.RATE_LIMITED, last_fetch=NOW - 9 * HOUR, not_before=NOW + HOUR)
FAILING = status(state=SourceState.UNREACHABLE, last_fetch=NOW - 9 * HOUR, not_before=NOW + HOUR)


@pytest.mark.parametrize(
    ("seen", "force", "due"),
    [
        (status(), False, True),
        (status(last_fetch=NOW - 3 * HOUR), False, True),
        (status(last_fetch=NOW - 3 * HOUR + dt.timedelta(seconds=1)), False, False),
        (status(last_fetch=NOW), True, True),
        (status(paused=True), False, False),
        (status(paused=True), True, False),
        (FAILING, False, False),
        (FAILING, True, True),
        (replace(FAILING, not_before=NOW), False, True),
        (RESTING, False, False),
        (RESTING, True, False),
        (replace(RESTING, not_before=NOW), False, True),
        (replace(RESTING, not_before=NOW), True, True),
        (status(last_fetch=NOW + 9 * HOUR), False, False),  # a clock that was put back
    ],
)
def test_who_is_due(seen: SourceStatus, force: bool, due: bool) -> None:
    assert jobs.is_due(SOURCE, seen, NOW, force=force) is due


@pytest.mark.parametrize("state", [ConfiguredState.PAUSED, ConfiguredState.NOT_COLLECTABLE])
def test_what_the_operator_took_out_is_never_due(state: ConfiguredState) -> None:
    taken_out = SOURCE.model_copy(update={"state": state})
    assert not jobs.is_due(taken_out, status(), NOW, force=True)


def test_an_unknown_key_is_named(app: App) -> None:
    with pytest.raises(InputError, match="no source 'fehlt'"):
        jobs.due_sources(app, ["fehlt"])


async def test_only_one_collects_at_a_time(app: App) -> None:
    with (
        locks.alone(app.database, "collect"),
        pytest.raises(TryAgainError, match="already running") as caught,
    ):
        await jobs.collect(app)
    assert caught.value.exit_code == 75
    assert await jobs.collect(app) == []


def everything_read(app: App) -> list[readings.ReadArticle]:
    return readings.read_between(app.database, WEEK.previous.start, WEEK.next.end)


def test_reading_twice_changes_nothing(app: App) -> None:
    store_examples(app)
    count = queries.count(app.database)
    assert jobs.analyse(app) == count > 30
    first, change = everything_read(app), queries.last_change(app.database)
    assert any(read.topics for read in first)
    assert any(read.figures for read in first)
    assert jobs.analyse(app) == 0
    assert queries.last_change(app.database) == change
    assert jobs.analyse(app, everything=True) == count
    assert everything_read(app) == first


def test_every_figure_stands_where_its_span_says(app: App) -> None:
    store_and_read_examples(app)
    for read in everything_read(app):
        for figure in read.figures:
            assert read.article.joined[figure.start : figure.end] == figure.text


def test_a_reserved_article_is_read_by_the_words_of_its_headline_only(app: App) -> None:
    reserved = Verdict(tdm="reserved", tdm_origin="header")
    for number, verdict in enumerate((Verdict(), reserved)):
        url = f"https://example.org/{number}"
        entry = Entry(url, QUIET_TITLE, "Es sind 115.000 Karten.", published=app.clock() - HOUR)
        store(app, entry, verdict=verdict, storage=Storage.FULL, source=f"s{number}", outlet=f"o{number}")
    jobs.analyse(app)
    free, kept_to_headline = everything_read(app)
    (by_words,) = Reader(app.config.topics).read([Item(QUIET_TITLE)])
    assert kept_to_headline.topics == by_words.topics
    assert (kept_to_headline.figures, bool(free.figures)) == ((), True)
    assert free.topics != kept_to_headline.topics


def test_every_article_but_a_reserved_one_can_be_found_by_its_meaning(app: App) -> None:
    store_and_read_examples(app)
    reserved = Entry("https://example.org/r", QUIET_TITLE, published=app.clock() - HOUR)
    store(app, reserved, verdict=Verdict(tdm="reserved", tdm_origin="header"), source="r", outlet="r")
    lacking, done = jobs.without_meaning(app), list[int]()
    assert jobs.give_meaning(app, done.append) == sum(done) == lacking == queries.count(app.database) - 1
    assert jobs.give_meaning(app) == jobs.without_meaning(app) == 0
    wanted = app.meaning()("Stromverbrauch")
    assert wanted is not None
    every = [article.id for article in queries.each(app.database)]
    assert len(wanted.likeness(every)) == lacking


def test_vectors_are_made_in_portions_where_that_is_asked_for(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_MEANING_BATCH", 2)
    store_and_read_examples(app)
    lacking = jobs.without_meaning(app)
    assert jobs.give_meaning(app, most=3) == 4
    assert jobs.without_meaning(app) == lacking - 4 > 0
    assert jobs.give_meaning(app) == lacking - 4


def test_making_vectors_ends_soon_when_the_program_does(app: App) -> None:
    store_and_read_examples(app)
    app.stopping.set()
    assert jobs.give_meaning(app) == 0
    app.stopping.clear()
    assert jobs.without_meaning(app) == queries.count(app.database)


def test_composing_needs_stories_and_keeps_what_was_approved(app: App, clock: Clock) -> None:
    clock.now = WEEK.end - HOUR
    with pytest.raises(NothingToDoError):
        jobs.compose(app, WEEK)
    with pytest.raises(InputError, match="digest compose --week 2025-W28"):
        jobs.stored_issue(app, WEEK)
    store_and_read_examples(app)
    first, second = jobs.compose(app, WEEK), jobs.compose(app, WEEK)
    assert first == second == jobs.stored_issue(app, WEEK)
    assert "nicht redaktionell geprüft" in first.html
    approved = jobs.approve(app, WEEK, "Redaktion")
    assert (approved.state, approved.approved_by) == ("approved", "Redaktion")
    for page in (approved.html, approved.text):
        assert "nicht redaktionell geprüft" not in page
        assert "von der Redaktion freigegeben" in page.replace("\n", " ")
    with pytest.raises(InputError, match="not a draft"):
        jobs.approve(app, WEEK, "Redaktion")
    with pytest.raises(InputError, match="already approved"):
        jobs.compose(app, WEEK)


def test_a_draft_of_an_older_version_is_composed_again(app: App, clock: Clock) -> None:
    clock.now = WEEK.end - HOUR
    issues.save_draft(app.database, StoredIssue(str(WEEK), "draft", clock(), "", "extract", {}, "", ""))
    with pytest.raises(InputError, match="digest compose --week 2025-W28"):
        jobs.approve(app, WEEK, "Redaktion")


def test_a_source_that_brings_nothing_for_long_falls_silent(app: App, clock: Clock) -> None:
    patience = app.config.collect.silent_after
    store(app, Entry("https://example.org/1", "Meldung", published=clock()))
    clock.now += patience + HOUR
    store(app, state=SourceState.NOT_MODIFIED)
    jobs._mark_silent(app, [SOURCE])
    found = sources.statuses(app.database)["dcd"]
    assert (found.state, found.reason) == (SourceState.SILENT, "answers, but nothing new since 2025-07-09")


def test_our_own_mistake_is_told_once_in_the_next_issue(app: App, clock: Clock) -> None:
    clock.now = WEEK.next.end - HOUR
    store_and_read_examples(app)
    jobs.compose(app, WEEK)
    kept = jobs.approve(app, WEEK, "Redaktion")
    clock.now = WEEK.end + 30 * HOUR
    jobs.correct(app, WEEK, "Es sind 625 Server, nicht GPUs.", "Redaktion")
    following = jobs.compose(app, WEEK.next)
    assert "Berichtigung zu KW 28: Es sind 625 Server" in following.text.replace("\u00a0", " ").replace(
        "\n", " "
    )
    assert own_corrections(app.database, WEEK.next.next) == ()
    assert jobs.stored_issue(app, WEEK).text == kept.text


def test_a_draft_is_mended_not_corrected(app: App, clock: Clock) -> None:
    clock.now = WEEK.end - HOUR
    store_and_read_examples(app)
    jobs.compose(app, WEEK)
    with pytest.raises(InputError, match="mend the draft"):
        jobs.correct(app, WEEK, "Falsch.", "Redaktion")
    with pytest.raises(InputError, match="its words"):
        jobs.correct(app, WEEK, "  ", "Redaktion")


def test_an_issue_says_what_it_was_made_of(app: App, clock: Clock) -> None:
    clock.now = WEEK.end - HOUR
    store_and_read_examples(app)
    made_of = jobs.compose(app, WEEK).content["made_of"]
    assert made_of["version"]
    assert len(made_of["config"]) == 16
    assert set(made_of["revisions"].values()) == {1}
