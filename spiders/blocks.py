"""Recognising the pages that stand where an article should: bot walls, consent walls, log-ins, soft 404s.

Nothing here gets round one; it is named, kept as a state, and the feed's own teaser is used.
"""

from __future__ import annotations

import re

_HEAD = 60_000
_BOT_WALL = re.compile(
    r"please enable js and disable any ad blocker|checking your browser before|just a moment\s*\.\.\.|"
    r"cf-browser-verification|challenge-platform|cf_chl_|captcha-delivery|datadome|x-amzn-waf|"
    r"verify you are human|attention required! \| cloudflare|access denied.{0,80}reference #",
    re.IGNORECASE | re.DOTALL,
)
_CONSENT = re.compile(
    r"unsere?n? \d+ partner|mit werbung weiterlesen|pur-abo|we and our \d+ partners|"
    r"before you continue to|bevor sie fortfahren|zustimmen und weiter",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"<input[^>]+type=[\"']?password", re.IGNORECASE)
_GONE = re.compile(
    r"<(?:title|h1)[^>]*>[^<]{0,80}(?:404|seite nicht gefunden|page not found|nicht (?:mehr )?verfügbar)",
    re.IGNORECASE,
)


def blocked_reason(text: str) -> str:
    """Why a page is a bot wall, "" if it is none."""
    return "bot wall: the site checks for a browser" if _BOT_WALL.search(text[:_HEAD]) else ""


def page_flag(text: str, article_text: str) -> str:
    """What a page is instead of an article: blocked, consent, login, gone; "" for a page to read."""
    head = text[:_HEAD]
    if _BOT_WALL.search(head):
        return "blocked"
    if _GONE.search(head):
        return "gone"
    if len(article_text) < 400 and _CONSENT.search(head):
        return "consent"
    if len(article_text) < 400 and _LOGIN.search(head):
        return "login"
    return ""
