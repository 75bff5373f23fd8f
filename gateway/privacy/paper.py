"""A paper to print: headings, sentences, lists and tables in both languages, as HTML and as plain text.

Its code is made of what it says, so that a paper that hangs on a wall can be held against today's settings.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape

from gateway.privacy.wording import LANGUAGES, Both, Language

CODE = 8  # characters of base 32: 40 bits tell two papers apart, and can be read out on the telephone


@dataclass(slots=True, frozen=True)
class Block:
    """One part: a heading of level 1 to 3, a sentence, a list, or a table whose first row is its head."""

    kind: str
    rows: tuple[tuple[Both, ...], ...]


@dataclass(slots=True)
class Paper:
    """What a paper says, from top to bottom; ``large`` is one that is read from a few steps away."""

    title: Both
    large: bool = False
    blocks: list[Block] = field(default_factory=list)

    def heading(self, words: Both, level: int = 2) -> None:
        """Begins a section."""
        self.blocks.append(Block(f"h{level}", ((words,),)))

    def say(self, words: Both) -> None:
        """A sentence or two."""
        self.blocks.append(Block("p", ((words,),)))

    def items(self, words: Sequence[Both]) -> None:
        """A list; nothing where it is empty."""
        if words:
            self.blocks.append(Block("ul", tuple((each,) for each in words)))

    def table(self, head: Sequence[Both], rows: Sequence[Sequence[Both]]) -> None:
        """A table; nothing where it has no rows."""
        if rows:
            self.blocks.append(Block("table", (tuple(head), *(tuple(row) for row in rows))))

    @property
    def code(self) -> str:
        """What stands for all that it says: two groups of four letters and digits, the same for the same words."""
        digest = sha256("\n".join(line for language in LANGUAGES for line in self.lines(language)).encode()).digest()
        letters = base64.b32encode(digest).decode()[:CODE]
        return f"{letters[:4]}-{letters[4:]}"

    def lines(self, language: Language) -> Iterator[str]:
        """Plain text in one language, a line each."""
        yield self.title.at(language)
        for block in self.blocks:
            cells = [[cell.at(language) for cell in row] for row in block.rows]
            if block.kind == "table":
                yield from (" | ".join(row) for row in cells)
            else:
                before = {"ul": "- ", "h2": "\n## ", "h3": "\n### "}.get(block.kind, "")
                yield from (before + row[0] for row in cells)

    def text(self, language: Language) -> str:
        """Plain text in one language, with its code below."""
        return "\n".join([*self.lines(language), "", self.code]) + "\n"

    def html(self, languages: Sequence[Language] = LANGUAGES) -> str:
        """A page for A4, one language below the other, that loads nothing from anywhere."""
        title = " · ".join(self.title.at(language) for language in languages)
        body = "\n".join(
            f'<section lang="{language}">\n<h1>{escape(self.title.at(language))}</h1>\n'
            f"{self._html(language)}\n</section>"
            for language in languages
        )
        return (
            f'<!doctype html>\n<html lang="{languages[0]}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>{escape(title)}</title>\n<style>{LARGE if self.large else SMALL}</style>\n</head>\n<body>\n"
            f"{body}\n"
            f"<footer>{self.code}</footer>\n</body>\n</html>\n"
        )

    def _html(self, language: Language) -> str:
        return "\n".join(_block(block, language) for block in self.blocks)


def _block(block: Block, language: Language) -> str:
    cells = [[escape(cell.at(language)) for cell in row] for row in block.rows]
    if block.kind == "ul":
        return "<ul>" + "".join(f"<li>{row[0]}</li>" for row in cells) + "</ul>"
    if block.kind == "table":
        head = "".join(f'<th scope="col">{cell}</th>' for cell in cells[0])
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells[1:])
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<{block.kind}>{cells[0][0]}</{block.kind}>"


_FONTS = 'font-family:system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif'
_PAGE = (
    "@page{size:A4;margin:18mm}*{box-sizing:border-box}body{margin:0 auto;padding:6mm;color:#1c1a17;background:#fff;"
    f"{_FONTS};line-height:1.5}}section+section{{break-before:page}}h1{{font-weight:600}}"
    "footer{color:#5d574d;font-variant-numeric:tabular-nums;letter-spacing:.08em;margin-top:8mm}"
)
SMALL = (
    _PAGE + "body{max-width:190mm;font-size:10.5pt}h1{font-size:20pt}h2{font-size:13pt;margin:7mm 0 2mm}"
    "h3{font-size:11pt}table{border-collapse:collapse;width:100%;margin:0 0 5mm}"
    "th,td{border-bottom:.3mm solid #cfc8ba;padding:1.5mm 2mm;overflow-wrap:anywhere;min-width:4em;"
    "text-align:left;vertical-align:top}tr{break-inside:avoid}"
)
LARGE = (
    _PAGE + "body{max-width:190mm;font-size:17pt}h1{font-size:32pt;line-height:1.2;margin:4mm 0 8mm}"
    "h2{font-size:19pt;margin:8mm 0 1mm}p{margin:0 0 3mm}section+section{break-before:auto;"
    "border-top:.4mm solid #1c1a17;"
    "margin-top:10mm;padding-top:6mm}"
)
