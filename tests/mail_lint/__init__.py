"""Holds a mail's HTML against what mail clients show, by the data of Can I email.

    markup, styles   the HTML  ->  uses        each tag, attribute, declaration, unit, selector, with its line
    features         a use     ->  a feature   by Can I email's slug, and which client shows it
    findings         the HTML  ->  findings    features a client of ours lacks, names the data does not list
    budget           findings  ->  complaints  what budget.toml does not accept, or accepts for nothing

How to read it: docs/architecture.md, "The mail in mail clients".
"""
