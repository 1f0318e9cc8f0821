"""A lying writer: true sentences pass, the same ones falsified do not."""

from __future__ import annotations

import random
from collections import Counter

from cases import cases
from mutations import mutations

from digest.claims.checking import check

MUTATIONS = 200
_STRICT = ("number", "magnitude", "unit", "date")
_OTHERS_LET_THROUGH = 0.02
_TRUE_REJECTED = 0.05


def test_true_sentences_pass() -> None:
    rejected = {
        case.sentence: verdict.problem
        for case in cases()
        if (verdict := check(case.sentence, case.report, case.rests_on)).problem
    }
    every = sum(1 for _ in cases())
    assert len(rejected) <= _TRUE_REJECTED * every, rejected


def test_no_wrong_number_or_date_passes_and_hardly_any_other_lie() -> None:
    chance = random.Random(7)
    told, passed = Counter[str](), Counter[str]()
    lies = []
    for case in cases():
        for mutation in mutations(case.sentence, case.report.text, chance):
            told[mutation.kind] += 1
            if not check(mutation.sentence, case.report, case.rests_on).problem:
                passed[mutation.kind] += 1
                lies.append(f"{mutation.kind}: {mutation.sentence}")
    others = [kind for kind in told if kind not in _STRICT]
    assert told.total() >= MUTATIONS
    assert all(told[kind] >= 10 for kind in (*_STRICT, "name", "negation")), told
    assert sum(passed[kind] for kind in _STRICT) == 0, lies
    assert sum(passed[kind] for kind in others) <= _OTHERS_LET_THROUGH * sum(told[kind] for kind in others), (
        lies
    )
