"""The files people have: other encodings, other columns, what spreadsheets did to them; read, or refused whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.program import Ended, run

COLUMNS = ["customer", "name", "address_as", "language", "tier", "associate", "deputy", "identifiers", "consents"]
WANG = ["c1", "王丽", "王女士", "zh-CN", "gold", "", "", "epc:E28011606000020A1B2C3D01", "recognise_tag@2027-12-31"]
NUNEZ = ["c2", "José Núñez", "", "es", "", "", "", "epc:E28011606000020A1B2C3D02;em:0A00B2C3D4", "recognise_tag"]
SIGNS = (";", "\t", "|", "，", "；", "^", "¦", "/", "\x1f", "||")
MAPS = Path(__file__).parents[2] / "docs" / "customer-files"


def text(*rows: list[str], sign: str = ",", end: str = "\r\n") -> str:
    """A file of these rows, below the titles."""
    cells = [[f'"{each}"' if sign in each else each for each in row] for row in (COLUMNS, *rows)]
    return end.join(sign.join(row) for row in cells) + end


def imported(folder: Path, raw: bytes, *options: str | Path) -> Ended:
    """Imports these bytes into the records of ``folder``."""
    (folder / "people.csv").write_bytes(raw)
    return run("customers", "import", folder / "people.csv", "--data", folder / "data", *options)


def last_day(zone: str = "UTC") -> str:
    """Until when a consent from a file counts, of which nobody knows the text that was read: for ninety days."""
    return (datetime.now(ZoneInfo(zone)).date() + timedelta(days=90)).isoformat()


def as_exported() -> str:
    """The two as they are written out again."""
    rows = (COLUMNS, *([*row[:-1], f"recognise_tag@{last_day()}"] for row in (WANG, NUNEZ)))
    return "\r\n".join(",".join(row) for row in rows) + "\r\n"


def exported(folder: Path) -> str:
    out = folder / "out.csv"
    assert run("customers", "export", "--data", folder / "data", "--out", out).code == 0
    return out.read_bytes().decode()


@pytest.mark.parametrize(
    "raw",
    [
        text(WANG, NUNEZ).encode(),
        text(WANG, NUNEZ).encode("utf-8-sig"),
        text(WANG, NUNEZ, end="\n").encode("utf-16"),
        b"\xfe\xff" + text(WANG, NUNEZ).encode("utf-16-be"),
        text(WANG, NUNEZ).encode("utf-16-le"),
        text(WANG, NUNEZ).encode("utf-32"),
        *(
            text(WANG, NUNEZ, sign=sign).encode("utf-8-sig")
            for sign in (";", "\t", "|", "，", "；", "^", "¦", "/", "\x1f", "||")
        ),
        ("sep=;\r\n" + text(WANG, NUNEZ, sign=";")).encode(),
        text(WANG, NUNEZ, sign="\t").encode("utf-16"),
        "\r\n".join(",".join([*row, "", ""]) for row in (COLUMNS, WANG, NUNEZ)).encode(),
        "\r\n".join(",".join(["", *row, ""]) for row in (COLUMNS, WANG, NUNEZ)).encode(),
        (",".join(COLUMNS) + "\n" + ",".join([*WANG, "", ""]) + "\n" + ",".join(NUNEZ)).encode(),
        ("\n\n" + text(WANG, [""] * 9, NUNEZ)).encode(),
    ],
)
def test_what_a_file_clearly_says_is_read(tmp_path: Path, raw: bytes) -> None:
    done = imported(tmp_path, raw)
    assert done.code == 0, done
    assert exported(tmp_path) == as_exported()


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (text(["c1", "郑伟", *WANG[2:]], ["c2", "王丽", *NUNEZ[2:]]).encode("gbk"), "GBK"),
        (text(["c1", "郑伟", "", *WANG[3:]]).encode("gbk"), "GBK"),  # each of its bytes is good UTF-8
        (text(["c1", "毛", "", *WANG[3:]], ["c2", "Anna", *NUNEZ[2:]]).encode("gbk"), "GBK"),
        (text(["c1", "陳大文", "陳先生", *WANG[3:]]).encode("big5"), "Big5"),
        (text(["c1", "田中さくら", "", *WANG[3:]]).encode("shift_jis"), "Shift JIS"),
        (text(NUNEZ, ["c3", "Zoë Müller", "", *WANG[3:]]).encode("cp1252"), "Windows-1252"),
        (b"\xef\xbb\xbf" + text(NUNEZ).encode("cp1252"), "this line is not UTF-8"),
        (b"PK\x03\x04" + bytes(300), "an Excel or Numbers workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(300), "a workbook of an old Excel"),
        (b"<html><table><tr><td>customer</td></tr></table>", "HTML"),
        (text(WANG).replace("王丽", "\0").encode(), "NUL"),
        (b"", "the file is empty"),
        (b"Guest,Phone\r\nWang,1\r\n", "a file for --map"),
    ],
)
def test_a_file_that_is_something_else_is_refused_whole_and_named(tmp_path: Path, raw: bytes, what: str) -> None:
    for options in ([], ["--partial"], ["--dry-run"]):
        done = imported(tmp_path, raw, *options)
        assert done.code == 1, done
        assert what in done.err
        assert "people.csv, line" in done.err
        assert "nothing was imported" in done.err
        assert "--partial" not in done.err
        assert not (tmp_path / "data").exists()
    if what not in ("the file is empty", "a file for --map"):
        assert "save it as CSV UTF-8" in done.err


def test_a_name_of_another_alphabet_is_no_damage(tmp_path: Path) -> None:
    names = ["Иван Петров", "Тина", "Γιώργος", "שרה כהן", "محمد", "Zoë", "José é", "Ōe Kenzaburō", "김민수", "สมชาย"]
    for number, name in enumerate(names):
        done = imported(tmp_path, text([f"c{number}", name, *[""] * 7]).encode())
        assert done.code == 0, done
    assert [line.split(",")[1] for line in exported(tmp_path).splitlines()[1:]] == names


def test_what_spreadsheets_and_printers_did_is_doubted_and_told(tmp_path: Path) -> None:
    rows = [
        ["c1", "Wang Li", *[""] * 5, "em:0009351929", ""],
        ["c2", "JosÃ© NÃºÃ±ez", *[""] * 7],
        ["861379000000000000", "Zhao", *[""] * 7],
        ["c4", "#REF!", *[""] * 7],
    ]
    done = imported(tmp_path, text(*rows).encode())
    assert done.code == 0, done
    told = done.err.splitlines()
    assert "line 2: identifiers: number 1: ten decimal digits may be the number printed on the fob" in told[0]
    assert "line 3: name: seems to have been read in another encoding once; 'José Núñez' may be meant" in told[1]
    assert "line 4: customer: '861379000000000000' is a number of 18 digits that ends in zeros" in told[2]
    assert "line 5: name: '#REF!' is a spreadsheet's error" in told[3]
    assert all("(imported all the same)" in each for each in told)


def test_ids_that_a_spreadsheet_has_shortened_are_refused_as_that(tmp_path: Path) -> None:
    done = imported(tmp_path, text(["8.61379E+17", *WANG[1:]], ["2-Jan", *NUNEZ[1:]]).encode())
    assert done.code == 1
    assert "line 2: customer: '8.61379E+17' is a number that a spreadsheet has shortened" in done.err
    assert "line 3: customer: '2-Jan' is a date that a spreadsheet has made of an id" in done.err


# --- before it is done ----------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    venue = tmp_path / "venue.toml"
    venue.write_text('[venue]\nid = "house"\nname = { en = "House" }\ntimezone = "Asia/Shanghai"\n')
    tried = imported(tmp_path, text(WANG, NUNEZ).encode(), "--dry-run", "--config", venue)
    assert tried.code == 0, tried
    assert not (tmp_path / "data").exists()
    assert (
        f"line 2: c1: new, 王丽; tag or phone: epc; consent: recognise_tag until {last_day('Asia/Shanghai')}\n"
        in tried.out
    )
    assert "line 3: c2: new, José Núñez; tag or phone: epc; tag or phone: em; consent: recognise_tag" in tried.out
    assert "2 customers, 3 new credentials, 2 new consents: that is what an import would bring" in tried.out
    assert imported(tmp_path, text(WANG, NUNEZ).encode()).code == 0
    before = exported(tmp_path)
    later = [*NUNEZ[:2], "Mr Núñez", "en", *NUNEZ[4:]]
    tried = imported(tmp_path, text(WANG, later).encode(), "--dry-run")
    assert tried.out.splitlines()[0].endswith("line 3: c2: address_as - → Mr Núñez, language es → en")
    assert "line 2" not in tried.out
    assert exported(tmp_path) == before


# --- other people's columns -------------------------------------------------------------------------------------------

OPERA = """NAME_ID;LAST;FIRST;TITLE;LANGUAGE;VIP_STATUS;MEMBERSHIP_CARD_NO;RECOGNITION;RECOGNITION_UNTIL;EMAIL\r
1004711;Wang;Li;Ms;C;V1;E28011606000020A1B2C3D01;Y;31-12-2027;li@example.com\r
1004712;Núñez;José;Mr;S;V3;;N;;\r
"""
SALESFORCE = """"Id","Salutation","FirstName","LastName","Preferred_Language__c","Tier__c","Owner.Alias","Tag__c","Recognition_Consent__c"
"0035g00000AbCdEAAV","Ms","Li","Wang","zh_CN","Gold","lina","epc:E28011606000020A1B2C3D01","true"
"0035g00000AbCdFAAV","Mr","José","Núñez","es","","anna","","false"
"""  # noqa: E501
SEVENROOMS = """Client ID,First Name,Last Name,Salutation,Tags,Loyalty Rank,Loyalty ID,Tag Number,Recognition Opt In
7f3a,Li,Wang,Ms,"Regular, Wine",Gold,LP-1,epc:E28011606000020A1B2C3D01,Yes
7f3b,José,Núñez,Mr,,,LP-2,,No
"""


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        (
            "opera.toml",
            OPERA,
            [
                "1004711,Li Wang,Ms Wang,zh-CN,black,,,epc:E28011606000020A1B2C3D01,recognise_tag",
                "1004712,José Núñez,Mr Núñez,es,gold,,,,",
            ],
        ),
        (
            "salesforce.toml",
            SALESFORCE,
            [
                "0035g00000AbCdEAAV,Li Wang,Ms Wang,zh-CN,gold,lina,,epc:E28011606000020A1B2C3D01,recognise_tag",
                "0035g00000AbCdFAAV,José Núñez,Mr Núñez,es,,anna,,,",
            ],
        ),
        (
            "sevenrooms.toml",
            SEVENROOMS,
            [
                "7f3a,Li Wang,Ms Wang,,gold,,,epc:E28011606000020A1B2C3D01,recognise_tag",
                "7f3b,José Núñez,Mr Núñez,,,,,,",
            ],
        ),
    ],
)
def test_a_map_reads_another_program_s_export(tmp_path: Path, name: str, content: str, rows: list[str]) -> None:
    done = imported(tmp_path, content.encode(), "--map", MAPS / name)
    assert done.code == 0, done
    dated = [row.replace("recognise_tag", f"recognise_tag@{last_day()}") for row in rows]
    assert exported(tmp_path).splitlines()[1:] == dated


def test_a_mistake_in_another_program_s_export_is_named_by_its_own_line(tmp_path: Path) -> None:
    bad = OPERA.replace("1004712;", "8.61E+17;").replace("31-12-2027", "soon").replace("\r\n", "\r\n\r\n")
    done = imported(tmp_path, bad.encode(), "--map", MAPS / "opera.toml")
    assert done.code == 1
    assert "people.csv, line 3: consents: RECOGNITION_UNTIL: 'soon' is no date" in done.err
    done = imported(tmp_path, bad.replace("soon", "").encode(), "--map", MAPS / "opera.toml", "--partial")
    assert "people.csv, line 5: customer: '8.61E+17' is a number that a spreadsheet has shortened" in done.err
    assert [line.split(",")[0] for line in exported(tmp_path).splitlines()] == ["customer", "1004711"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("columns = 3", "columns: "),
        ("[columns]\nname = 'LAST'", "columns: expected at least customer and name"),
        ("[columns]\ncustomer = 'NAME_ID'\nname = 'LAST'\nphone = 'X'", "phone"),
        ("[columns]\ncustomer = 'NAME_ID'\nname = 'LAST'\n[else]", "else: "),
        ("[columns", "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
        ("encoding = 'klingon'\n[columns]\ncustomer = 'NAME_ID'\nname = 'LAST'", "klingon"),
    ],
)
def test_a_map_that_is_none_is_refused_in_words(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "map.toml").write_text(written)
    done = imported(tmp_path, OPERA.encode(), "--map", tmp_path / "map.toml")
    assert done.code == 2, done
    assert told in done.err
    assert "Traceback" not in done.err


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text("[columns]\ncustomer = 'Guest'\nname = 'LAST'")
    done = imported(tmp_path, OPERA.encode(), "--map", tmp_path / "map.toml")
    assert done.code == 1
    assert "line 1: there is no column 'Guest'; the first line has 'NAME_ID', 'LAST'" in done.err


# --- what leaves -----------------------------------------------------------------------------------------------------


def test_an_export_is_its_owner_s_alone_whatever_was_there(tmp_path: Path) -> None:
    assert imported(tmp_path, text(WANG).encode()).code == 0
    out = tmp_path / "out.csv"
    out.write_text("old")
    out.chmod(0o644)
    assert exported(tmp_path).startswith("customer,")
    assert out.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "link.csv"
    link.symlink_to(out)
    out.chmod(0o666)
    assert run("customers", "export", "--data", tmp_path / "data", "--out", link).code == 0
    assert link.is_symlink()
    assert out.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_an_export_may_go_into_a_pipe(tmp_path: Path) -> None:
    assert imported(tmp_path, text(WANG).encode()).code == 0
    done = run("customers", "export", "--data", tmp_path / "data", "--out", "/dev/stdout")
    assert "王丽" in done.out
