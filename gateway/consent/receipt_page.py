"""A receipt to be printed, on A4 or on 80 mm paper, in zh-CN or en: it holds no name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from html import escape
from typing import Any, Literal

from gateway.consent.receipt_words import WORDS
from gateway.consent.signatures import groups
from gateway.consent.terms import STATES

Paper = Literal["a4", "80mm"]
NAMES = {"zh-CN": "中文", "en": "English"}
SAYS: Mapping[str, str] = {**{term: state for state, term in STATES.items()}, STATES["renewed"]: "given"}
"""What the page calls each state."""


def page(
    receipt: Mapping[str, Any], language: str, *, paper: Paper, zone: tzinfo, proof: str, link: str | None,
    root: str, labels: Mapping[str, str], tools: bool = False,
) -> str:  # fmt: skip
    """The receipt as an HTML document.

    ``proof`` and ``link`` are the addresses of two pictures: the code that proves it, and that of the customer's page,
    None where that is not known. ``root`` is where the console's files are found; ``labels`` are what purposes are
    called that a house has added itself. A screen has a button to print, and with ``tools`` links to the other language
    and paper; paper shows neither.
    """
    words = WORDS[language]
    parts = [
        _tools(receipt, language, words, paper, elsewhere=tools),
        f"<h1>{_(words['title'])}</h1>",
        _facts(_head(receipt, words, zone)),
        _table(receipt, words, {**labels, **words}),
        *_stopping(receipt, words),
        *_codes(receipt, words, proof, link),
    ]
    body = "\n".join(parts)
    kind = "a4" if paper == "a4" else "mm80"
    return (
        f'<!doctype html>\n<html lang="{_(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n'
        f'<title>{_(receipt["receipt_id"])}</title>\n<link rel="stylesheet" href="{_(root)}receipt.css">\n'
        f'<script src="{_(root)}receipt.js" defer></script>\n</head>\n'
        f'<body class="{kind}">\n{body}\n</body>\n</html>\n'
    )


def _(text: object) -> str:
    return escape(str(text))


def _tools(
    receipt: Mapping[str, Any], language: str, words: Mapping[str, str], paper: Paper, *, elsewhere: bool
) -> str:
    """Buttons: to print, and the other language, the other paper: with ``elsewhere`` as links."""
    papers: tuple[tuple[Paper, str], ...] = (("a4", "A4"), ("80mm", "80 mm"))
    shown = [_way(receipt, each, paper, name, now=each == language, link=elsewhere) for each, name in NAMES.items()]
    shown += [_way(receipt, language, each, name, now=each == paper, link=elsewhere) for each, name in papers]
    return f'<nav>{"".join(shown)}<button type="button" id="print">{_(words["print"])}</button></nav>'


def _way(receipt: Mapping[str, Any], language: str, paper: Paper, name: str, *, now: bool, link: bool) -> str:
    """To the same receipt in another language or on another paper.

    A tablet with a key of its own opens no address, for a link proves no key: there the console asks, and shows the
    buttons that it answers to.
    """
    current = " aria-current=true" if now else ""
    if link:
        where = f"{receipt['receipt_id']}?as=html&language={language}&paper={paper}"
        return f'<a href="{_(where)}"{current}>{_(name)}</a>'
    return f'<button type="button" hidden data-language="{language}" data-paper="{paper}"{current}>{_(name)}</button>'


def _head(receipt: Mapping[str, Any], words: Mapping[str, str], zone: tzinfo) -> Iterator[tuple[str, str]]:
    core = receipt["proof"]["core"]
    at = datetime.fromisoformat(core["at"]).astimezone(zone)
    yield words["number"], receipt["receipt_id"]
    yield words["made"], f"{_day(at.date().isoformat(), words)} {at:%H:%M} ({zone})"
    yield words["customer"], receipt["pii_principal_id"]
    notice = receipt.get("privacy_notice")
    if notice:
        version = words["version"].format(version=notice["version"])
        yield words["notice"], f"{notice['id']}, {version}, {notice['language']}"


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{_(name)}</dt><dd>{_(value)}</dd>" for name, value in rows) + "</dl>"


def _day(day: str, words: Mapping[str, str]) -> str:
    year, month, number = map(int, day.split("-"))
    return words["day"].format(year=year, month=month, day=number)


def _table(receipt: Mapping[str, Any], words: Mapping[str, str], labels: Mapping[str, str]) -> str:
    parties = {each["party_id"]: each["party_name"] for each in receipt["parties"]}
    rows = []
    for row in receipt["processing"]:
        label, partners = labels.get(row["purpose"], row["purpose"]), row["recipient_third_parties"]
        if partners:
            named = ", ".join(parties.get(each) or each for each in partners)
            label = words["partner"].format(purpose=label, partner=named)
        says = SAYS.get(row["state"], "asked")
        until = "" if says != "given" else _day(row["last_day"], words) if row["last_day"] else words["no_end"]
        kind = "yes" if says == "given" else "no"
        rows.append(f'<tr><td>{_(label)}</td><td class="{kind}">{_(words[says])}</td><td>{_(until)}</td></tr>')
    head = "".join(f"<th>{_(words[each])}</th>" for each in ("what", "said", "until"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _stopping(receipt: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    ways = "".join(f"<li>{_(words.get(way, way))}</li>" for way in receipt["withdrawal_method"])
    authority = ", ".join(receipt["authority_party"]) or words["authority"]
    yield f"<p>{_(words['stop'])}</p><ul>{ways}</ul><p>{_(words['rights'].format(authority=authority))}</p>"
    operator = next(each for each in receipt["parties"] if each["party_id"] == "operator")
    facts = [operator[f"party_{name}"] for name in ("name", "address", "contact")]
    yield f"<h2>{_(words['controller'])}</h2><p>{'<br>'.join(_(each) for each in facts if each)}</p>"


def _codes(receipt: Mapping[str, Any], words: Mapping[str, str], proof: str, link: str | None) -> Iterator[str]:
    operator = next(each["operator"] for each in receipt["proof"]["keys"] if "operator" in each)
    key = f'<br><span class="key">{_(groups(operator))}</span>'
    figures = [_figure(words["proof"], words["proof_says"], proof, key)]
    if link is not None:
        figures.insert(0, _figure(words["page"], words["page_says"], link, ""))
    yield f'<div class="codes">{"".join(figures)}</div>'


def _figure(title: str, says: str, picture: str, more: str) -> str:
    image = f'<img src="{_(picture)}" alt="{_(title)}">'
    return f"<figure><h2>{_(title)}</h2>{image}<figcaption>{_(says)}{more}</figcaption></figure>"
