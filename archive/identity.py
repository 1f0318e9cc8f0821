"""What makes two sightings the same article: canonical address, then guid, then outlet + title + day.

Keys are 128-bit hashes with a letter for their kind, so no address and no guid is too long for an index.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"^(utm_\w+|oc|ref|ref_src|fbclid|gclid|mc_[ce]id|xtor|wt_mc|at_\w+|cmpid|_gl)$", re.IGNORECASE
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT = "%/:=&?~#+!$,;'@()*[]-._"
_WORDS = re.compile(r"\w+")
_MIN_TITLE_WORDS = 4


def canonical_url(url: str) -> str:
    """The one spelling of an address: host in lower case, no fragment, no tracking parameters, https.

    http and https of one page are one article; a trailing slash is kept out of the comparison, the order
    of the remaining parameters is kept. Returns "" for anything but http(s) with a host.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return ""
    netloc = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS[parts.scheme.lower()]:
        netloc += f":{port}"
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)]
    path = quote(parts.path, safe=_KEPT).rstrip("/")
    return urlunsplit(("https", netloc, path or "/", urlencode(query), ""))


def url_key(url: str) -> str:
    """Key of an address, "" where it has no canonical form."""
    canonical = canonical_url(url)
    return _key("u", canonical) if canonical else ""


def guid_key(source: str, guid: str) -> str:
    """Key of a guid. Guids are only unique within their source."""
    return _key("g", f"{source}\x00{guid}") if guid else ""


def guid_graves(key: str, titles: Iterable[str], published: dt.datetime | None) -> list[str]:
    """Keys by which a deleted article is known again from the key of its guid.

    Some feeds give one guid to one article after another, so that a guid alone says little: an entry is the
    same article where its title or its date is the same too.
    """
    parts = [normalised_title(title) for title in titles]
    parts += [published.astimezone(dt.UTC).isoformat()] if published else []
    return [_key("d", f"{key}\x00{part}") for part in parts if part]


def title_key(outlet: str, title: str, published: dt.datetime) -> str:
    """Key of outlet, normalised title and day; "" for titles too short to mean one article."""
    words = normalised_title(title)
    if len(words.split()) < _MIN_TITLE_WORDS:
        return ""
    return _key("t", f"{outlet}\x00{words}\x00{published.astimezone(dt.UTC):%Y-%m-%d}")


def external_key(external_id: str) -> str:
    """Key of an id given by an import."""
    return _key("x", external_id) if external_id else ""


def normalised_title(title: str) -> str:
    """Words of a title in lower case, accents composed, everything else gone."""
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", title).casefold()))


def content_hash(title: str, teaser: str, body: str) -> str:
    """Hash of what a reader would see; white space does not count."""
    text = "\x00".join(" ".join(part.split()) for part in (title, teaser, body))
    return _digest(text)


def _key(kind: str, value: str) -> str:
    return f"{kind}:{_digest(value)}"


def _digest(value: str) -> str:
    return hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=16).hexdigest()
