"""Articles as files for other programs: CSV, RIS, BibTeX and Markdown; JSON Lines is in archive.transfer.

Each function yields pieces of text, an article at a time: memory stays flat.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from archive.values import Article

COLUMNS = ("id", "published", "outlet", "language", "title", "teaser", "author", "url")
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BREAK = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BIB_SPECIAL = str.maketrans(
    {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#",
     "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)  # fmt: skip
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def as_csv(articles: Iterable[Article], *, german_excel: bool = False) -> Iterator[str]:
    """A CSV file (RFC 4180), the header first.

    german_excel: semicolons, as Excel expects them where a comma is the decimal sign, and a byte order mark,
    without which it takes UTF-8 for Windows-1252. A cell that a spreadsheet would take for a formula gets an
    apostrophe in front.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if german_excel else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield (_BOM if german_excel else "") + _taken(buffer)
    for article in articles:
        writer.writerow([_harmless(cell) for cell in _cells(article)])
        yield _taken(buffer)


def as_ris(articles: Iterable[Article], names: Mapping[str, str]) -> Iterator[str]:
    """Records as Zotero, Citavi and EndNote read them. names: outlet to its printed name."""
    for article in articles:
        day = article.published
        fields = [
            ("TY", "NEWS"),
            ("TI", article.title),
            *(("AU", author) for author in _authors(article)),
            ("T2", names.get(article.outlet, article.outlet)),
            ("PY", f"{day:%Y}"),
            ("DA", f"{day:%Y/%m/%d}"),
            ("LA", article.language),
            ("UR", article.url),
            ("AB", article.teaser),
            ("ID", article.public_id),
            ("ER", ""),
        ]
        yield "".join(f"{tag}  - {_one_line(text)}\r\n" for tag, text in fields if text or tag == "ER")


def as_bibtex(articles: Iterable[Article], names: Mapping[str, str]) -> Iterator[str]:
    """@online records as BibLaTeX knows them."""
    for article in articles:
        fields = {
            "title": f"{{{_one_line(article.title).translate(_BIB_SPECIAL)}}}",
            "author": " and ".join(f"{{{a.translate(_BIB_SPECIAL)}}}" for a in _authors(article)),
            "organization": _one_line(names.get(article.outlet, article.outlet)).translate(_BIB_SPECIAL),
            "date": f"{article.published:%Y-%m-%d}",
            "url": re.sub(r"[{}\\\s]", "", article.url),
            "langid": {"de": "german", "en": "english"}.get(article.language, ""),
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        yield f"@online{{{_bib_key(article)},\n{lines}}}\n\n"


def as_markdown(articles: Iterable[Article], names: Mapping[str, str]) -> Iterator[str]:
    """One list item an article: linked headline, outlet and day, teaser."""
    for article in articles:
        title = _plain_markdown(article.title)
        linked = (
            f"[{title}](<{article.url}>)" if article.url and not set(article.url) & set("<>\n") else title
        )
        outlet = _plain_markdown(names.get(article.outlet, article.outlet))
        teaser = f"\n  {_plain_markdown(article.teaser)}" if article.teaser else ""
        yield f"- {linked} ({outlet}, {article.published:%Y-%m-%d}){teaser}\n"


def _cells(article: Article) -> tuple[str, ...]:
    return (
        article.public_id,
        article.published.isoformat(),
        article.outlet,
        article.language,
        article.title,
        article.teaser,
        article.author,
        article.url,
    )


def _harmless(cell: str) -> str:
    cell = _CONTROL.sub("", cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _authors(article: Article) -> list[str]:
    parts = re.split(r"\s*(?:;|\band\b|\bund\b)\s*", _one_line(article.author))
    return [part for part in parts if part]


def _one_line(text: str) -> str:
    return _CONTROL.sub("", _BREAK.sub(" ", text)).strip()


def _bib_key(article: Article) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", f"{article.outlet}{article.published:%Y%m%d}{article.public_id}")


def _plain_markdown(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", _one_line(text))
