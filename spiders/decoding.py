"""From bytes to text, and what the bytes are before anybody parses them.

Order: byte order mark; UTF-8 if the bytes are valid UTF-8, whatever a label says; the declared label;
windows-1252, as browsers do. UTF-7 is never honoured. A cut in the middle of the last character is no error.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_LABEL = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_META_LABEL = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HTTP_LABEL = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HTML_START = re.compile(
    r"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|script)\b", re.I | re.S
)
_GZIP_MAGIC = b"\x1f\x8b"
_MAX = 10 * 1024 * 1024


def unpack(body: bytes, limit: int = _MAX) -> bytes:
    """Bytes of a body whose server forgot to say that it is packed with gzip; others unchanged."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            return packed.read(limit)
    except (OSError, EOFError, zlib.error):
        return body


def decode(body: bytes, content_type: str = "") -> str:
    """Text of a body without byte order marks and without characters that XML and databases refuse."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            text = body.decode(encoding, "replace")
            break
    else:
        text = _decode_unmarked(body, content_type)
    return _CONTROL.sub("", text.lstrip("\ufeff"))


def without_declaration(text: str) -> str:
    """XML text without its declaration, whose encoding no longer holds, and without blanks before it."""
    return _DECLARATION.sub("", text, count=1).lstrip()


def looks_like_html(text: str) -> bool:
    """True where the body is an HTML page, whatever its Content-Type says."""
    return bool(_HTML_START.match(text[:2_000]))


def _decode_unmarked(body: bytes, content_type: str) -> str:
    try:
        return _utf8_but_for_a_cut(body)
    except UnicodeDecodeError:
        pass
    for label in _labels(body, content_type):
        try:
            return body.decode(label)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def _utf8_but_for_a_cut(body: bytes) -> str:
    return codecs.getincrementaldecoder("utf-8")().decode(body, final=False)


def _labels(body: bytes, content_type: str) -> list[str]:
    head = body[:4_096]
    found = [match[1].decode("ascii", "replace") for match in (_XML_LABEL.search(head),) if match]
    found += [match[1] for match in (_HTTP_LABEL.search(content_type),) if match]
    found += [match[1].decode("ascii", "replace") for match in (_META_LABEL.search(head),) if match]
    known = []
    for label in found:
        try:
            name = codecs.lookup(label).name
        except LookupError:
            continue
        if name not in ("utf-7", "utf-8", "ascii") and codecs.lookup(label)._is_text_encoding:
            known.append({"iso8859-1": "windows-1252"}.get(name, name))
    return known
