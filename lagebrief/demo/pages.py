"""Table.Media's example pages: listings without dates, article pages with JSON-LD.

Listings: /tag/kuenstliche-intelligenz (all items), /china/news, /europe/news; ?page=N, ten items a page,
newest first. A page past the end answers 200 with an empty list. Selectors:

    article.teaser                one item
    article.teaser h3 a           headline; its href is relative
    article.teaser p.lead         teaser
    article.teaser .byline        "Von Redaktion"

Articles: /<briefing>/news/<slug>. link[rel=canonical] names the address for people; the script of type
application/ld+json holds a NewsArticle whose headline carries HTML entities, as real ones do. Selectors:
h1.headline, p.lead, .byline, div.article-body p (the first paragraph, the rest is paid for), .paywall.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from jinja2 import DictLoader, Environment, StrictUndefined

from lagebrief.demo.articles import BERLIN, Article
from lagebrief.demo.server import Reply, Request

PAGE_SIZE = 10
HTML = "text/html; charset=utf-8"
LISTINGS = {
    "/tag/kuenstliche-intelligenz": ("", "Künstliche Intelligenz"),
    "/china/news": ("china", "China.Table – News"),
    "/europe/news": ("europe", "Europe.Table – News"),
}

_FRAME = """<!DOCTYPE html>
<html lang="de">
<head>
  <meta charset="utf-8">
  <title>{{ title }} • Table.Briefings</title>
  <meta name="description" content="Beispielseite von Lagebrief, nicht von Table.Media">
  {%- block head %}{% endblock %}
</head>
<body>
  <header class="site-header">
    <a class="logo" href="/">Table.Briefings</a>
    <nav class="main-nav"><ul>
      <li><a href="/china/news">China.Table</a></li>
      <li><a href="/europe/news">Europe.Table</a></li>
      <li><a href="/tag/kuenstliche-intelligenz">Künstliche Intelligenz</a></li>
      <li><a href="/login">Anmelden</a></li>
    </ul></nav>
  </header>
  <main>{% block main %}{% endblock %}</main>
  <aside class="newsletter-box"><h3>Beispielseite</h3><p>Hier stünde Werbung.</p></aside>
  <footer class="site-footer"><a href="/impressum">Impressum</a></footer>
</body>
</html>
"""

_LISTING = """{% extends "frame" %}
{% block main %}
<h1>{{ title }}</h1>
<div class="teaser-list">
{%- for article in articles %}
  <article class="teaser">
    <span class="kicker">{{ article.kind or "News" }}</span>
    <h3><a href="{{ path(article) }}">{{ article.title }}</a></h3>
    <p class="lead">{{ article.teaser }}</p>
    <span class="byline">Von {{ article.author }}</span>
  </article>
{%- endfor %}
</div>
{%- if more %}
<nav class="pagination"><a rel="next" href="?page={{ page + 1 }}">Weitere Beiträge</a></nav>
{%- endif %}
{% endblock %}"""

_ARTICLE = """{% extends "frame" %}
{% block head %}
  <link rel="canonical" href="{{ article.url }}">
  <meta property="og:title" content="{{ article.title }}">
  <meta property="og:type" content="article">
  <script type="application/ld+json">{{ json_ld|safe }}</script>
{%- endblock %}
{% block main %}
<article class="article">
  <p class="kicker">{{ article.kind or "News" }}</p>
  <h1 class="headline">{{ article.title }}</h1>
  <p class="lead">{{ article.teaser }}</p>
  <p class="byline">Von {{ article.author }}</p>
  <div class="article-body"><p>{{ article.paragraphs[0] }}</p></div>
  <div class="paywall"><p>Weiterlesen mit einem Zugang zu Table.Briefings (Beispiel).</p></div>
</article>
<section class="related"><h2>Mehr zum Thema</h2><ul>
{%- for other in related %}
  <li><a href="{{ path(other) }}">{{ other.title }}</a></li>
{%- endfor %}
</ul></section>
{% endblock %}"""

_pages = Environment(
    loader=DictLoader({"frame": _FRAME, "listing": _LISTING, "article": _ARTICLE}),
    autoescape=True,
    undefined=StrictUndefined,
)


def table_media(request: Request, articles: Sequence[Article]) -> Reply | None:
    """A listing, an article page, or None."""
    path = request.path.rstrip("/")
    if path in LISTINGS:
        return _listing(path, request.query.get("page", "1"), articles)
    found = next((article for article in articles if article_path(article) == path), None)
    return _article(found, articles) if found else None


def article_path(article: Article) -> str:
    """The path of an article page, the same here and on the real host."""
    return f"/{article.section}/news/{article.slug}"


def _listing(path: str, page_text: str, articles: Sequence[Article]) -> Reply:
    section, title = LISTINGS[path]
    listed = [article for article in articles if section in ("", article.section)]
    page = int(page_text) if page_text.isdecimal() and int(page_text) > 0 else 1
    shown = listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    text = _pages.get_template("listing").render(
        title=title, articles=shown, page=page, more=len(listed) > page * PAGE_SIZE, path=article_path
    )
    return Reply(text.encode(), HTML, max((article.modified for article in listed), default=None))


def _article(article: Article, articles: Sequence[Article]) -> Reply:
    # Only older items are recommended: a page must not change because something newer appeared.
    related = [other for other in articles if other.published < article.published][:3]
    text = _pages.get_template("article").render(
        title=article.title, article=article, json_ld=_json_ld(article), related=related, path=article_path
    )
    return Reply(text.encode(), HTML, article.modified)


def _json_ld(article: Article) -> str:
    """A NewsArticle. Its words come HTML-escaped, a common fault of content management."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": html.escape(article.title).replace("–", "&#8211;"),
        "description": html.escape(article.teaser),
        "datePublished": article.published.astimezone(BERLIN).isoformat(),
        "dateModified": article.modified.astimezone(BERLIN).isoformat(),
        "author": [{"@type": "Organization", "name": article.author}],
        "publisher": {"@type": "Organization", "name": "Table.Media (Beispiel)"},
        "mainEntityOfPage": article.url,
        "isAccessibleForFree": False,
    }
    return json.dumps(data, ensure_ascii=False)
