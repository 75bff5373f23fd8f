"""The forty checks of a house, and the report of them: for a person, for a browser, for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from typing import Any, NamedTuple

from gateway.events.times import iso
from gateway.privacy.check import Check, Finding, failed, passed
from gateway.privacy.evidence import Evidence
from gateway.privacy.paper import SMALL
from gateway.privacy.wording import LANGUAGES, Language

ITSELF = 40  # the check of the report
COULD_NOT = "it could not be looked at"
MARKS = {"pass": "✓", "fail": "✗", "not here": "–", "unproven": "?"}
WORDS = {
    "pass": {"zh-CN": "通过", "en": "pass"}, "fail": {"zh-CN": "未通过", "en": "FAIL"},
    "not here": {"zh-CN": "不适用", "en": "not here"}, "unproven": {"zh-CN": "尚无证据", "en": "unproven"},
}  # fmt: skip


class Line(NamedTuple):
    """One check, and what was found."""

    check: Check
    finding: Finding


class Report(NamedTuple):
    """What was found in one house at one time."""

    venue: str
    at: float
    since: float
    until: float
    lines: tuple[Line, ...]

    @property
    def failed(self) -> list[Line]:
        """Those that are not as they should be."""
        return [line for line in self.lines if line.finding.state == "fail"]

    def data(self) -> dict[str, Any]:
        """As JSON; ``digest`` is the SHA-256 of everything else, which a signature stands for."""
        facts: dict[str, Any] = {
            "venue": self.venue,
            "at": iso(self.at),
            "from": iso(self.since),
            "until": iso(self.until),
            "checks": [
                {
                    "number": check.number,
                    "title": {"zh-CN": check.title.zh, "en": check.title.en},
                    "how": {"zh-CN": check.how.zh, "en": check.how.en},
                    "state": finding.state,
                    "words": {"zh-CN": finding.words.zh, "en": finding.words.en},
                    "evidence": list(finding.evidence),
                    "command": check.command or f"moments privacy report --only {check.number}",
                }
                for check, finding in self.lines
            ],
        }
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return {**facts, "digest": sha256(text.encode()).hexdigest()}

    def text(self, language: Language) -> str:
        """Plain text, a line for each check and one for why."""
        lines = []
        for check, finding in self.lines:
            word = WORDS[finding.state][language]
            lines.append(f"{check.number:>2} {MARKS[finding.state]} {word:<8} {check.title.at(language)}")
            lines.append(f"      {finding.words.at(language)}")
            if finding.evidence:
                lines.append(f"      {' '.join(finding.evidence)}")
        counts = {state: sum(line.finding.state == state for line in self.lines) for state in MARKS}
        lines += ["", ", ".join(f"{WORDS[state][language]} {count}" for state, count in counts.items() if count)]
        return "\n".join(lines) + "\n"

    def html(self, signature: str = "") -> str:
        """A page to print and sign, in both languages, that loads nothing from anywhere."""
        rows = "".join(_row(line) for line in self.lines)
        foot = f"{self.venue} · {iso(self.at)} · SHA-256 {self.data()['digest']}"
        return (
            '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
            f"<title>隐私报告 · Privacy report · {escape(self.venue)}</title>\n<style>{SMALL}"
            "td:first-child{white-space:nowrap}.fail{font-weight:700}footer{word-break:break-all;font-size:8pt}</style>\n"
            "</head>\n<body>\n<h1>隐私报告 · Privacy report</h1>\n"
            f"<p>{escape(self.venue)} · {iso(self.since)} – {iso(self.until)}</p>\n"
            f"<table><tbody>{rows}</tbody></table>\n"
            "<p>日期、签字 · Date, signature: ______________________________</p>\n"
            f"<footer>{escape(foot)}{'<br>' + escape(signature) if signature else ''}</footer>\n</body>\n</html>\n"
        )


def _row(line: Line) -> str:
    check, finding = line
    state = " · ".join(WORDS[finding.state][language] for language in LANGUAGES)
    said = "<br>".join(
        f'<span lang="{language}"><b>{escape(check.title.at(language))}</b> {escape(finding.words.at(language))}</span>'
        for language in LANGUAGES
    )
    shown = f"<br><small>{escape(' '.join(finding.evidence))}</small>" if finding.evidence else ""
    kind = "fail" if finding.state == "fail" else "well"
    return (
        f'<tr><td>{check.number}</td><td class="{kind}">{MARKS[finding.state]} {state}</td><td>{said}{shown}</td></tr>'
    )


def look(checks: Sequence[Check], of: Evidence, only: Iterable[int] = ()) -> Report:
    """Makes these checks, or ``only`` those numbers of them; raises KeyError for a number that is none."""
    wanted = set(only)
    if unknown := wanted - {check.number for check in checks}:
        raise KeyError(f"there is no check {min(unknown)}: they are 1 to {max(check.number for check in checks)}")
    made = [
        Line(check, _looked(check, of))
        for check in sorted(checks, key=lambda check: check.number)
        if (not wanted or check.number in wanted) and check.number != ITSELF
    ]
    if not wanted or ITSELF in wanted:
        own = next(check for check in checks if check.number == ITSELF)
        made.append(Line(own, itself(made, [check.number for check in checks])))
    return Report(
        of.config.venue.id, of.now, of.since, of.until, tuple(sorted(made, key=lambda line: line.check.number))
    )


def _looked(check: Check, of: Evidence) -> Finding:
    """What a check finds; one that cannot look is red, and the others go on."""
    try:
        return check.look(of)
    except Exception as fault:
        kind = type(fault).__name__
        return failed(f"无法检查：{kind}", f"{COULD_NOT}: {kind}")


def itself(made: Sequence[Line], numbers: Sequence[int]) -> Finding:
    """Check 40: forty different lines, each of which looked, and says why in both languages."""
    wrong = [
        line.check.number
        for line in made
        if not (line.finding.words.zh.strip() and line.finding.words.en.strip())
        or line.finding.words.en.startswith(COULD_NOT)
    ]
    if sorted(numbers) != list(range(1, ITSELF + 1)) or wrong:
        said = ", ".join(map(str, wrong)) or "not forty"
        return failed(f"有检查没有理由或无法进行：{said}", f"a line has no reason, or could not look: {said}")
    return passed(f"{len(made)} 项，各有证据或理由", f"{len(made)} other lines, each with evidence or a reason")
