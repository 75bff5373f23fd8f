"""Text from outside: what a name, a note or an identifier may hold, whichever door it comes by, and when two are one.

Kept is what somebody can see: NFC, so that é is written in one way; no control, zero-width or direction marks; blanks
of any kind as one plain blank, none at the ends. What was damaged on its way (read in another encoding) is refused.
"""

from __future__ import annotations

import re
from contextlib import suppress
from unicodedata import category, normalize

# Cf is what nobody sees, but for these number signs of Arabic and Kaithi. Beside it stand those that Unicode says to
# leave out where nothing draws them: fillers of Hangul and Khmer, the grapheme joiner, Mongolian selectors.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_VARIANT = re.compile("(?:(?<=\\s)|^)[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")  # selects a variant of what is before it
_BLANKS = re.compile("[\\s\u2800]+")  # with the blank of Braille
_LINE_END = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_DAMAGE = re.compile("[\x80-\x84\x86-\x9f\ufffd\ufdd0-\ufdef\ud800-\udfff]|[\ufffe\uffff]")
_MANY_LINES = re.compile(r"\n{3,}")

# For who searches: apostrophes are nothing, signs between words are blanks, letters of other alphabets are ours.
_TYPED = str.maketrans(
    dict.fromkeys("!#$%&()*+,-./:;<=>?@[\\]^_{|}~·‐‑‒–—―−・、。，", " ")
    | dict.fromkeys("'`´‘’‚‛ʻʼʽʹˈ′ʾʿ\"“”„‟″«»")
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t", "ŋ": "n",
       "ə": "e", "ƒ": "f"}
)  # fmt: skip
_ACCENT = re.compile(
    "[\xad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+"
)
_CJK = "\u2e80-\u2fff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_CJK = re.compile(f"(?<=[{_CJK}]) | (?=[{_CJK}])")


class Unfit(ValueError):
    """A text that no door takes; says why, and repeats nothing of it but one sign's number."""


def one_line(text: str) -> str:
    """A name or an identifier as it is kept, empty where nothing of it can be seen; raises Unfit."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return normalize("NFC", _VARIANT.sub("", " ".join(_seen(text).split())))


def lines(text: str) -> str:
    """A note as it is kept: lines end in ``\\n`` and at most one in a row is empty; raises Unfit."""
    kept = "\n".join(one_line(line) for line in _LINE_END.sub("\n", text).split("\n"))
    return _MANY_LINES.sub("\n\n", kept).strip("\n")


def one_width(text: str) -> str:
    """``one_line`` of an identifier: letters and digits of every width are one too (NFKC); raises Unfit."""
    if text.isascii():
        return one_line(text)
    return one_line(normalize("NFKC", one_line(text)))


def folded(text: str) -> str:
    """What two spellings of one thing have in common: case, width, kinds of blanks and of apostrophes do not count."""
    if text.isascii():
        return " ".join(text.casefold().split())
    with suppress(Unfit):
        text = one_line(text)
    return " ".join(normalize("NFKC", normalize("NFKC", text.replace("’", "'")).casefold()).split())


def sought(text: str) -> str:
    """``folded`` for who searches on a keyboard: without accents, apostrophes and hyphens, nor blanks among hanzi."""
    if text.isascii():
        return " ".join(text.casefold().translate(_TYPED).split())
    apart = normalize("NFKD", normalize("NFKC", text).casefold())
    plain = " ".join(normalize("NFC", _ACCENT.sub("", apart)).translate(_TYPED).split())
    return _BETWEEN_CJK.sub("", plain) if " " in plain else plain


def _seen(text: str) -> str:
    if damage := _DAMAGE.search(text):
        raise Unfit(f"holds U+{ord(damage[0]):04X}: the text was damaged before it came here, by another encoding")
    kept = []
    for each in _BLANKS.sub(" ", text):
        kind = category(each)
        if kind == "Cc" or (kind == "Cf" and each not in _SEEN) or each in _UNSEEN:
            continue
        kept.append(each)
    found = "".join(kept)
    return found if any(category(each)[0] not in "MZ" for each in found) else ""


def holds(text: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in ``text``, both as ``sought`` made them; also where one is written apart."""
    if wanted in text:
        return True
    joined = wanted.replace(" ", "")
    if not joined or joined not in text.replace(" ", ""):
        return False
    begins = [0, *(place + 1 for place, each in enumerate(text) if each == " ")]
    return any(text[begin:].replace(" ", "").startswith(joined) for begin in begins)
