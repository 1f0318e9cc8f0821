"""What links carry: bound to a purpose, to be forged by nobody, good with every key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_cases import KEYS

from mailing import tokens
from mailing.keys import Keys

PURPOSES = (tokens.LEAVE, tokens.PREFERENCES, tokens.BOUNCE)
OTHER = Keys((b"o" * 64,))
TOKEN = tokens.token(KEYS, tokens.LEAVE, 7)


@given(st.integers(0, 2**32 - 1), st.sampled_from(PURPOSES))
def test_a_token_leads_back_for_its_purpose_alone(id_: int, purpose: str) -> None:
    token = tokens.token(KEYS, purpose, id_)
    assert len(token) == tokens.LENGTH
    assert token == tokens.token(KEYS, purpose, id_)
    found = {one: tokens.subscriber_of(KEYS, one, token) for one in PURPOSES}
    assert found == {one: id_ if one == purpose else None for one in PURPOSES}


def test_old_keys_verify_and_the_newest_signs() -> None:
    rotated = Keys((b"n" * 64, *KEYS.every))
    assert tokens.subscriber_of(rotated, tokens.LEAVE, TOKEN) == 7
    new = tokens.token(rotated, tokens.LEAVE, 7)
    assert new != TOKEN
    assert tokens.subscriber_of(KEYS, tokens.LEAVE, new) is None
    assert tokens.subscriber_of(OTHER, tokens.LEAVE, TOKEN) is None


@pytest.mark.parametrize(
    "forged",
    [
        "", "0" * 40, TOKEN[:-1], TOKEN + "0", TOKEN + "\n", " " + TOKEN, TOKEN.upper(), "0x" + TOKEN[2:],
        "00000008" + TOKEN[8:], TOKEN[:8] + "0" * 32, TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
        TOKEN.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789"}),  # full-width digits
        TOKEN[:-1] + "٣", "ß" * 40, "\udc80" * 40, "\x00" * 40, "-0000007" + TOKEN[8:],
    ],
)  # fmt: skip
def test_what_was_not_made_here_is_nobodys(forged: str) -> None:
    assert tokens.subscriber_of(KEYS, tokens.LEAVE, forged) is None


@given(st.text())
def test_any_text_is_nobodys(text: str) -> None:
    assert tokens.subscriber_of(KEYS, tokens.LEAVE, text) is None


@given(st.integers(0, 39), st.sampled_from("0123456789abcdef"))
def test_one_wrong_digit_is_one_too_many(place: int, digit: str) -> None:
    changed = TOKEN[:place] + digit + TOKEN[place + 1 :]
    assert tokens.subscriber_of(KEYS, tokens.LEAVE, changed) == (7 if changed == TOKEN else None)


def test_confirmation_tokens_are_random_and_kept_as_hashes() -> None:
    made = [tokens.confirmation() for _ in range(100)]
    assert len({token for token, _ in made}) == 100
    assert all(len(token) == 32 and hashed == tokens.hashed(token) != token for token, hashed in made)
    assert len(tokens.hashed("\udc80")) == 64
