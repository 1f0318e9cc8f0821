from __future__ import annotations

import datetime as dt

from analysis import figures
from analysis.ledger import Quote, Statement, around, statements

START = dt.datetime(2025, 7, 8, 9, tzinfo=dt.UTC)


def quotes(article: str, outlet: str, day: int, text: str, story: int = 1) -> list[Quote]:
    moment = START + dt.timedelta(days=day)
    found = figures.read(text, "de")
    return [Quote(f, article, outlet, moment, story, around(text, f, "")) for f in found]


def shown(found: list[Statement]) -> list[tuple[float, list[str]]]:
    return [(one.first.value, [quote.outlet for quote in one.quotes]) for one in found]


def test_who_states_a_figure_stands_in_order_of_time() -> None:
    given = [
        *quotes("b", "dcd", 3, "39 Rechenzentren sind es"),
        *quotes("a", "bloomberg", 0, "39 Rechenzentren in der Wüste"),
        *quotes("c", "reuters", 1, "mehr als 39 Rechenzentren"),
    ]
    assert shown(statements(given)) == [(39, ["bloomberg", "reuters", "dcd"])]


def test_sources_that_differ_stand_side_by_side() -> None:
    given = [
        *quotes("a", "bloomberg", 0, "39 Rechenzentren in der Wüste"),
        *quotes("b", "reuters", 1, "36 Rechenzentren in der Wüste"),
    ]
    one, other = statements(given)
    assert [each.first.value for each in one.differing] == [39]
    assert [each.first.value for each in other.differing] == [36]


def test_figures_of_one_report_and_other_things_do_not_differ() -> None:
    given = [
        *quotes("a", "bloomberg", 0, "39 Rechenzentren, 7 davon fertig, kosten 4 Milliarden Yuan"),
        *quotes("b", "reuters", 1, "36 Rechenzentren haben 3.600 Server"),
    ]
    differing = {one.first.value: [d.first.value for d in one.differing] for one in statements(given)}
    assert differing[39] == [36]
    assert all(not others for value, others in differing.items() if value not in (36, 39))


def test_the_same_number_of_another_event_is_another_statement() -> None:
    given = [
        *quotes("a", "bloomberg", 0, "39 Rechenzentren in Xinjiang", story=1),
        *quotes("b", "reuters", 90, "39 Rechenzentren in Brasilien", story=2),
    ]
    assert len(statements(given)) == 2


def test_a_name_joins_what_is_said_months_later() -> None:
    given = [
        *quotes("a", "bloomberg", 0, "39 Rechenzentren in Xinjiang", story=1),
        *quotes("b", "reuters", 90, "39 Rechenzentren stehen in Xinjiang", story=2),
    ]
    assert shown(statements(given)) == [(39, ["bloomberg", "reuters"])]


def test_gpus_and_chips_are_one_thing_and_dates_are_none() -> None:
    given = [
        *quotes("a", "dcd", 0, "115.000 GPUs ab dem 2. August 2026 verboten"),
        *quotes("b", "reuters", 1, "115.000 Chips über fünf Jahre"),
    ]
    assert shown(statements(given)) == [(115_000, ["dcd", "reuters"])]
