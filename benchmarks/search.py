"""What searching costs: our index beside plain tantivy, SQLite FTS5 and PostgreSQL, in one run on one set.

    python benchmarks/search.py [--documents 200000] [--postgres postgresql+psycopg://...] [--seconds 8]

The documents are generated: words drawn with Zipf frequencies from a vocabulary of syllables, among them the
words, names and compounds of our topics; the same in every run. Prints p50 and p95 per query (top 20; with
snippets, with facets, joined with meaning), through the command line, with two clients and a writer, the size
of the index and documents built per second.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

import numpy as np
import tantivy

from analysis import search_words
from analysis.search_meaning import SearchMeaning
from archive import migrate, queries, tables
from archive.database import Database
from archive.meaning import Meaning
from archive.search import SearchIndex
from archive.search_layout import FACETS

WORDS_EACH = 220
START, BETWEEN = dt.datetime(2022, 1, 1, tzinfo=dt.UTC), dt.timedelta(minutes=12)
QUERIES = (
    "Rechenzentrum", "KI-Rechenzentren Xinjiang", "Frist Hochrisiko", "data centre power", "Alibaba",
    '"künstliche Intelligenz"', "Stromverbrauch", "Exportkontrolle Nvidia", "Bußgeld Kommission", "Rechenz*",
    "Kühlung OR Abwärme", "Kodex -Verbot", "Marktüberwachung Behörde", "115.000 Chips",
    "Wüste Provinz Ausbau",
)  # fmt: skip


def vocabulary(chance: random.Random) -> list[str]:
    """60,000 words, those of our topics spread among the commoner ones."""
    parts = [
        "ba",
        "der",
        "kon",
        "li",
        "mar",
        "no",
        "ra",
        "sen",
        "ti",
        "ver",
        "wal",
        "zu",
        "gen",
        "hof",
        "ick",
    ]
    made = {"".join(chance.choices(parts, k=chance.randint(2, 5))) for _ in range(90_000)}
    words = sorted(made)
    chance.shuffle(words)
    words = words[:60_000]
    twins = tomllib.loads(files("analysis").joinpath("data/twins.toml").read_text(encoding="utf-8"))
    own = [form for forms in twins.values() for each in forms for form in each]
    own += [
        "KI-Rechenzentren",
        "Xinjiang",
        "Alibaba",
        "Nvidia",
        "Rechenzentrumsbetreiber",
        "115.000",
        "Chips",
    ]
    for place, word in enumerate(own):
        words.insert(40 + place * 23, word)
    return words


def documents(count: int) -> Iterator[tuple[str, str, str]]:
    """(title, text, language)."""
    chance = random.Random(1)
    words = vocabulary(chance)
    weights = list(accumulate(1 / (rank + 8) for rank in range(len(words))))
    for number in range(count):
        drawn = chance.choices(words, cum_weights=weights, k=WORDS_EACH)
        yield " ".join(drawn[:9]), " ".join(drawn[9:]), "de" if number % 2 else "en"


def fill(database: Database, count: int) -> None:
    """Write the documents straight into the article table."""
    rows = []
    with database.writing() as connection:
        for number, (title, text, language) in enumerate(documents(count), 1):
            moment = START + number * BETWEEN
            outlet = f"outlet{number % 18}"
            rows.append(
                {"id": number, "external_id": f"x{number}", "outlet": outlet, "source": outlet, "url": "",
                 "title": title, "teaser": "", "body": text, "author": "", "language": language,
                 "published": moment, "date_mark": "", "first_seen": moment, "revision": 1,
                 "content_hash": "", "storage": "full", "marks": [], "note": "", "robots": "", "tdm": "",
                 "tdm_origin": "", "hints": "", "max_snippet": -1, "verdict_at": None, "change": number,
                 "analysis_version": "b"}
            )  # fmt: skip
            if len(rows) == 5_000 or number == count:
                connection.execute(tables.article.insert(), rows)
                rows.clear()
        connection.execute(
            tables.counter.update()
            .where(tables.counter.c.name.in_(("change", "article")))
            .values(value=count)
        )


Times = tuple[float, float]  # p50 and p95 in milliseconds


def timed(ask: Callable[[str], object], seconds: float) -> Times:
    """The queries asked one after the other."""
    return side_by_side([ask], seconds)[0]


def side_by_side(asked: Sequence[Callable[[str], object]], seconds: float) -> list[Times]:
    """Each in turn asked all queries, again and again: what slows the machine down slows all of them."""
    took: list[list[float]] = [[] for _ in asked]
    for ask in asked:
        for query in QUERIES:
            ask(query)
    end = time.perf_counter() + seconds * len(asked)
    while time.perf_counter() < end:
        for ask, times in zip(asked, took, strict=True):
            for query in QUERIES:
                started = time.perf_counter()
                ask(query)
                times.append((time.perf_counter() - started) * 1000)
    return [(statistics.median(times), statistics.quantiles(times, n=20)[-1]) for times in took]


def say(name: str, times: Times, plain: float | None = None) -> None:
    ratio = f"{times[1] / plain:6.1f} x plain" if plain else ""
    print(f"{name:44} p50 {times[0]:8.2f} ms   p95 {times[1]:8.2f} ms {ratio}", flush=True)


def plain_tantivy(folder: Path, count: int) -> tuple[Callable[[str], object], Callable[[str], object]]:
    """Tantivy as its documentation shows it: German stems, stored text, its own snippets; and with facets."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True)
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", stored=True, tokenizer_name="de_stem")
    builder.add_text_field("body", stored=True, tokenizer_name="de_stem")
    folder.mkdir(parents=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    started = time.perf_counter()
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for number, (title, text, language) in enumerate(documents(count), 1):
        own = {"outlet": f"outlet{number % 18}", "language": language, "month": month_of(number)}
        writer.add_document(tantivy.Document(id=number, title=[title], body=[text], topic="", **own))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    print(f"plain tantivy built: {count / (time.perf_counter() - started):,.0f} documents/s, {size(folder)}")

    def ask(text: str) -> object:
        searcher = index.searcher()
        query, _ = index.parse_query_lenient(text, ["title", "body"], conjunction_by_default=True)
        found = searcher.search(query, limit=20, count=True)
        maker = tantivy.SnippetGenerator.create(searcher, query, index.schema, "body")
        return [maker.snippet_from_doc(searcher.doc(address)).to_html() for _, address in found.hits]

    wanted = {name: {"terms": {"field": name, "size": 50}} for name in FACETS}

    def ask_with_facets(text: str) -> object:
        query, _ = index.parse_query_lenient(text, ["title", "body"], conjunction_by_default=True)
        return ask(text), index.searcher().aggregate(query, wanted)

    return ask, ask_with_facets


def month_of(number: int) -> str:
    """When a document was published."""
    return f"{START + number * BETWEEN:%Y-%m}"


def fts5(folder: Path, count: int) -> Callable[[str], object]:
    folder.mkdir(parents=True)
    connection = sqlite3.connect(folder / "fts.db", check_same_thread=False)
    connection.execute("CREATE VIRTUAL TABLE d USING fts5(title, body, tokenize='porter unicode61')")
    started = time.perf_counter()
    with connection:
        connection.executemany("INSERT INTO d VALUES (?, ?)", ((t, b) for t, b, _ in documents(count)))
    print(f"SQLite FTS5 built: {count / (time.perf_counter() - started):,.0f} documents/s, {size(folder)}")
    ask = (
        "SELECT rowid, snippet(d, 1, '<mark>', '</mark>', '…', 24) FROM d WHERE d MATCH ? "
        "ORDER BY rank LIMIT 20"
    )

    def look(text: str) -> object:
        words = [
            f'"{word.strip(chr(34))}"'
            for word in text.replace("-", " ").replace("*", "").split()
            if word != "OR"
        ]
        return connection.execute(ask, (" ".join(words),)).fetchall()

    return look


def tsvector(url: str, count: int) -> Callable[[str], object]:
    import psycopg

    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.execute("DROP TABLE IF EXISTS bench_search")
    connection.execute("CREATE TABLE bench_search (id int PRIMARY KEY, body text, words tsvector)")
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy("COPY bench_search (id, body) FROM STDIN") as copy:
        for number, (title, text, _) in enumerate(documents(count), 1):
            copy.write_row((number, f"{title} {text}"))
    connection.execute("UPDATE bench_search SET words = to_tsvector('german', body)")
    connection.execute("CREATE INDEX ON bench_search USING gin(words)")
    connection.execute("ANALYZE bench_search")
    print(f"PostgreSQL built: {count / (time.perf_counter() - started):,.0f} documents/s")
    sql = (
        "SELECT id, ts_headline('german', body, q) FROM (SELECT id, body, q FROM bench_search, "
        "websearch_to_tsquery('german', %s) q WHERE words @@ q "
        "ORDER BY ts_rank(words, q) DESC LIMIT 20) AS best"
    )
    return lambda text: connection.execute(sql, (text.replace("*", ""),)).fetchall()


def size(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 1e6:,.0f} MB"


def ours(folder: Path, count: int) -> tuple[SearchIndex, Database]:
    folder.mkdir(parents=True)
    database = Database(f"sqlite:///{folder / 'lagebrief.db'}")
    migrate.ensure(database)
    fill(database, count)
    index = SearchIndex(folder / "index", database, search_words)
    started = time.perf_counter()
    index.follow()
    print(
        f"our index built: {count / (time.perf_counter() - started):,.0f} documents/s, "
        f"{size(folder / 'index')}"
    )
    return index, database


def by_command(folder: Path) -> Callable[[str], object]:
    """One query as a person asks it: a program that starts, looks and ends."""
    program = [sys.executable, "-m", "lagebrief.cli", "--data-dir", str(folder), "search", "--json"]
    return lambda query: subprocess.run([*program, query], check=True, capture_output=True)


def beside_a_writer(index: SearchIndex, database: Database, seconds: float) -> Times:
    """Two clients while articles keep coming in."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.2):
            with database.writing() as connection:
                newest = queries.last_change(database)
                connection.execute(
                    tables.article.update()
                    .where(tables.article.c.id == newest % 1000 + 1)
                    .values(change=newest + 1)
                )
                connection.execute(
                    tables.counter.update().where(tables.counter.c.name == "change").values(value=newest + 1)
                )

    threads = [threading.Thread(target=write)]
    found: list[Times] = []
    threads += [
        threading.Thread(target=lambda: found.append(timed(lambda q: index.search(q), seconds)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join()
    stop.set()
    threads[0].join()
    return max(a for a, _ in found), max(b for _, b in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--postgres", default="")
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        plain_ask, plain_facets = plain_tantivy(folder / "plain", given.documents)
        index, database = ours(folder / "ours", given.documents)
        sqlite_ask = fts5(folder / "fts", given.documents)
        plain, counted, ours_plain, ours_counted = side_by_side(
            [plain_ask, plain_facets, index.search, lambda q: index.search(q, facets=True)], given.seconds
        )
        say("plain tantivy, snippets", plain)
        say("plain tantivy, snippets and facets", counted)
        say("ours, snippets", ours_plain, plain[1])
        say("ours, snippets and facets", ours_counted, counted[1])
        meaning = with_vectors(database, given.documents)
        say(
            "ours, joined with meaning",
            timed(lambda q: index.search(q, meaning=meaning.ask), given.seconds),
            plain[1],
        )
        say("ours, one query through the command line", timed(by_command(folder / "ours"), given.seconds))
        say("ours, two clients and a writer", beside_a_writer(index, database, given.seconds))
        say("SQLite FTS5, snippets", timed(sqlite_ask, given.seconds), plain[1])
        if given.postgres:
            say(
                "PostgreSQL tsvector, snippets",
                timed(tsvector(given.postgres, given.documents), given.seconds),
                plain[1],
            )
        print(json.dumps({"documents": given.documents, "queries": len(QUERIES)}))


def with_vectors(database: Database, count: int) -> Meaning:
    """A vector for every document, made up; queries get theirs from the model."""
    sense, chance = SearchMeaning(), np.random.default_rng(0)
    with database.writing() as connection:
        for first in range(1, count + 1, 5_000):
            made = chance.normal(size=(min(5_000, count + 1 - first), sense.dim)).astype("<f2")
            rows = [
                {"article_id": first + place, "revision": 1, "model": sense.name, "vector": row.tobytes()}
                for place, row in enumerate(made)
            ]
            connection.execute(tables.search_vector.insert(), rows)
    meaning = Meaning(database, sense)
    started = time.perf_counter()
    meaning.follow()
    print(f"all vectors read: {time.perf_counter() - started:.1f} s")
    return meaning


if __name__ == "__main__":
    main()
