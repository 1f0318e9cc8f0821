"""The robots.txt of each example host: like the real ones, and open to what the example needs."""

from __future__ import annotations

_OPEN = "User-agent: *\nAllow: /\n"

_DCD = """User-agent: *
Content-Signal: search=yes,ai-train=no,use=reference
Allow: /
Disallow: /umbraco/
"""

_BING = """User-agent: *
Disallow: /search
Disallow: /images/
Disallow: /news/apiclick.aspx
Allow: /news/search
"""

_NEWSROOM = """User-agent: GPTBot
Disallow: /

User-agent: CCBot
Disallow: /

User-agent: *
Disallow: /search
Disallow: /user/
Allow: /feeds/
"""

ROBOTS: dict[str, str] = {
    "dcd": _DCD,
    "tomshardware": _NEWSROOM,
    "tablemedia": "User-agent: *\nDisallow: /login\nDisallow: /mein-konto/\n",
    "iw": "User-agent: *\nDisallow: /typo3/\nDisallow: /fileadmin/_temp_/\nAllow: /rss/\n",
    "ec": "User-agent: *\nDisallow: /commission/presscorner/print/\n",
    "eurlex": "User-agent: *\nDisallow: /search.html\nDisallow: /advanced-search-form.html\nCrawl-delay: 1\n",
    "aiact": "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
    "bing": _BING,
    "gdelt": _OPEN,
}
