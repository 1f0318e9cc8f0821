import datetime as dt

from archive.database import Database
from mailing import outbox

NOW = dt.datetime(2025, 7, 14, 6, tzinfo=dt.UTC)


def test_mails_wait_in_the_order_they_came(database: Database) -> None:
    for number in range(3):
        outbox.put(database, f"a{number}@example.org", b"Subject: \xff\r\n\r\n", NOW)
    found = outbox.waiting(database, NOW, 2)
    assert [mail.recipient for mail in found] == ["a0@example.org", "a1@example.org"]
    assert (found[0].message, found[0].created, found[0].attempts) == (b"Subject: \xff\r\n\r\n", NOW, 0)
    assert outbox.waiting(database, NOW - dt.timedelta(seconds=1), 9) == []


def test_what_was_taken_is_gone(database: Database) -> None:
    outbox.put(database, "a@example.org", b"x", NOW)
    (mail,) = outbox.waiting(database, NOW, 9)
    outbox.taken(database, mail.id)
    outbox.taken(database, mail.id)
    assert outbox.waiting(database, NOW, 9) == []


def test_pauses_grow_until_it_is_given_up(database: Database) -> None:
    outbox.put(database, "a@example.org", b"x", NOW)
    tries, now = [], NOW
    while True:
        (mail,) = outbox.waiting(database, now, 9)
        assert mail.attempts == len(tries)
        tries.append(now - NOW)
        if not outbox.failed(database, mail.id, now):
            break
        pause = dt.timedelta(minutes=min(3 ** len(tries) / 3, 12 * 60))
        due = min(now + pause, NOW + outbox.GIVE_UP_AFTER)
        assert outbox.waiting(database, due - dt.timedelta(seconds=1), 9) == []
        now = due
    assert [round(each.total_seconds() / 60) for each in tries] == [
        0,
        1,
        4,
        13,
        40,
        121,
        364,
        1084,
        1804,
        2524,
        2880,
    ]
    assert outbox.waiting(database, now + dt.timedelta(days=9), 9) == []
    assert not outbox.failed(database, mail.id, now)
