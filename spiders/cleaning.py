"""Text from outside becomes plain, one-line, printable text before anybody else touches it."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from lxml import html
from lxml.etree import LxmlError, ParserError

TITLE_MAX = 1_000
TEASER_MAX = 5_000
BODY_MAX = 200_000
_MARKS_MAX = 4
_TO_THE_END = "script|style|noscript|template"  # unclosed, nothing after them is text
_IF_CLOSED = "iframe|svg|math|form|head|object|video|audio"
_DROPPED = re.compile(
    rf"<({_TO_THE_END})\b[^<>]*>.*?(?:</\1\s*>|\Z)|<({_IF_CLOSED})\b[^<>]*>.*?</\2\s*>",
    re.IGNORECASE | re.DOTALL,
)
# Parsers take everything behind these as raw text, up to an end that may not be there.
_RAW_TEXT = re.compile(r"</?(?:iframe|xmp|plaintext|noembed|noframes|textarea|title)\b[^<>]*>", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|/blockquote)\b[^<>]*>", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z!/?][^>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_BIDI = set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
_INTERLINEAR = set(range(0xFFF9, 0xFFFC))
_JOINERS = {0x200D}
_TAGS = range(0xE0000, 0xE0080)
_BLACK_FLAG = 0x1F3F4
_SURROGATE = re.compile("[\ud800-\udfff]")
# Numbered references such as &#150; mean windows-1252 in practice, as browsers read them.
_C1 = {code: bytes([code]).decode("windows-1252", "ignore") for code in range(0x80, 0xA0)}


def plain(text: str) -> str:
    """Printable text: NFC, no control, bidi, zero-width, tag or noncharacters; line breaks kept as \\n.

    Joiners stay inside emoji, tag characters inside flag emoji. More than four combining marks on one
    letter are cut. A lone surrogate becomes U+FFFD, so every result can be stored and mailed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    text = _SURROGATE.sub("\ufffd", text).translate(_C1)
    return unicodedata.normalize("NFC", "".join(_kept_characters(text)))


def one_line(text: str, limit: int = TITLE_MAX) -> str:
    """Plain text on one line, single blanks, at most `limit` characters (an ellipsis marks a cut)."""
    return shorten(" ".join(plain(text).split()), limit)


def paragraphs(text: str, limit: int = BODY_MAX) -> str:
    """Plain text with single blanks and one line feed between paragraphs."""
    lines = (" ".join(line.split()) for line in plain(text).split("\n"))
    return shorten("\n".join(line for line in lines if line), limit)


def text_of_html(markup: str) -> str:
    """The text a reader sees in a piece of HTML; never script, style or form text. Plain text stays."""
    if not _LOOKS_LIKE_HTML.search(markup):
        return markup
    markup = _RAW_TEXT.sub(" ", _DROPPED.sub(" ", markup))
    markup = _BREAKS.sub(lambda match: f"\n{match[0]}", markup)
    if "<" not in markup:
        return unescape(markup)
    try:
        root = html.fragment_fromstring(_xml_safe(markup), create_parent="div")
    except (ParserError, LxmlError, ValueError):
        return unescape(re.sub(r"<[^>]*>?", " ", markup))
    return str(root.text_content())


def shorten(text: str, limit: int) -> str:
    """Cut at a blank before `limit` and say so with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rfind(" ", limit // 2)
    return (head[:cut] if cut > 0 else head).rstrip() + "…"


def _xml_safe(text: str) -> str:
    return "".join(c for c in text if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF))


def _kept_characters(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    in_flag = False
    for index, character in enumerate(text):
        code = ord(character)
        in_flag = code == _BLACK_FLAG or (in_flag and code in _TAGS)
        category = unicodedata.category(character)
        if category == "Mn" and code > 0x2FF and not 0xFE00 <= code <= 0xFE0F:
            marks += 1
            if marks > _MARKS_MAX:
                continue
        else:
            marks = 0
        if _is_kept(character, code, category, text, index, in_flag):
            kept.append(character)
    return kept


def _is_kept(character: str, code: int, category: str, text: str, index: int, in_flag: bool) -> bool:
    if code in _JOINERS:
        return index > 0 and _is_emoji(text[index - 1]) and index + 1 < len(text)
    if code in _TAGS:
        return in_flag
    if category in ("Cf", "Cc"):  # zero-width, bidi, soft hyphen, interlinear marks; controls
        return character in "\n\t"
    return category not in ("Cs", "Cn") or code in (0xFFFD,) or code < 0xFDD0


def _is_emoji(character: str) -> bool:
    return ord(character) >= 0x2190 and unicodedata.category(character) in ("So", "Sk", "Mn")
