"""Sends the single mails that wait in the outbox, such as confirmations."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from email.utils import parseaddr

from archive import locks
from archive.database import Database
from lagebrief.errors import LostError
from mailing import outbox
from mailing.frozen import stuffed
from mailing.outbox import WaitingMail
from mailing.pace import Rate
from mailing.refusals import Kind
from mailing.sending import Clock
from mailing.settings import MailSettings
from mailing.signature import signer
from mailing.smtp import Answer, Connection

log = logging.getLogger(__name__)

_BATCH = 50


def post(database: Database, settings: MailSettings, clock: Clock, stopping: threading.Event) -> int:
    """Send what is due, one process at a time; returns how many mails the server took.

    Raises MailServerError where the server cannot be used, and TryAgainError where another process is at it;
    the mails go on waiting.
    """
    if outbox.next_due(database, clock()) is None:
        return 0
    count, rate, sign = 0, Rate(settings.rate, stopping), signer(settings) or bytes
    with locks.alone(database, "outbox"), Connection(settings) as connection:
        for _ in range(_BATCH):
            # Read one by one: whoever leaves meanwhile gets none.
            mail = outbox.next_due(database, clock())
            if mail is None or stopping.is_set() or not connection.is_open:
                break
            rate.wait()
            count += _sent(database, connection, settings, replace(mail, message=sign(mail.message)), clock)
    return count


def _sent(
    database: Database, connection: Connection, settings: MailSettings, mail: WaitingMail, clock: Clock
) -> bool:
    sender = parseaddr(settings.from_)[1]
    try:
        answer = connection.send(sender, mail.recipient, stuffed(mail.message))
    except LostError as error:
        _put_off(database, mail, str(error), clock)
        return False
    if answer.is_good:
        outbox.taken(database, mail.id)
    elif _is_lost(answer):
        outbox.taken(database, mail.id)
        log.warning("a waiting mail was refused for good and is dropped: %s", answer)
    else:
        _put_off(database, mail, str(answer), clock)
        if answer.kind is Kind.REFUSED:
            log.error("the mail server refuses us, not single readers: %s", answer)
            connection.close()
    return answer.is_good


def _is_lost(answer: Answer) -> bool:
    return answer.is_final and answer.kind is not Kind.REFUSED


def _put_off(database: Database, mail: WaitingMail, why: str, clock: Clock) -> None:
    if outbox.failed(database, mail.id, clock()):
        log.warning("a waiting mail was put off: %s", why)
    else:
        log.error("a waiting mail was not taken for 48 hours and is dropped: %s", why)
