"""An empty folder becomes a house: by a file of answers, and by a page with a one-time code."""

from __future__ import annotations

import re
import ssl
import tomllib
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import answers
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import parse
from tests.commands.setting_up import Beginning, beginning
from tests.ports import free_port
from tests.program import Ended, kept_in, run

ANSWERS = """# The house on the quay
[venue]
name = { zh-CN = "海港", en = "Harbour House" }  # as on the door
kind = "lounge"
timezone = "Asia/Shanghai"

[manager]
name = "Mei Lin"
language = "zh-CN"
"""
FORM = {
    "lang": "en", "kind": "club", "name_zh": "", "name_en": "Harbour", "timezone": "Europe/Zurich",
    "manager": "Mei Lin", "pin": "", "network": "here",
}  # fmt: skip
PIN = "482913"


def set_up(folder: Path, text: str, *more: str | Path) -> Ended:
    """``moments setup --from`` with these answers."""
    file = folder / "answers.toml"
    file.write_text(text, "utf-8")
    return run("setup", "--from", file, "--config", folder / "venue.toml", "--data", folder / "data", *more)


# --- by a file ---------------------------------------------------------------------------------------------------


def test_a_file_of_answers_makes_a_house_that_serves(tmp_path: Path) -> None:
    done = set_up(tmp_path, ANSWERS)
    assert done.code == 0, done
    text = (tmp_path / "venue.toml").read_text("utf-8")
    assert "# The house on the quay" in text
    assert "# as on the door" in text
    assert "manager" not in text
    venue = parse(tomllib.loads(text))
    assert (venue.venue.id, venue.venue.timezone) == ("harbour-house", "Asia/Shanghai")
    assert [zone.id for zone in venue.zones] == ["entrance", "bar", "quiet"]
    assert re.search(r"Mei Lin signs in as mei-lin with PIN \d{6}\n", done.out)
    words = re.findall(r"(?:^|\s)(\d{1,2}) ([a-z]{3,8})\b", done.out)
    ordered = [word for _, word in sorted((int(number), word) for number, word in words)]
    assert len(ordered) == 24
    key = kept_in(tmp_path / "key", " ".join(ordered))
    assert run("recovery", "check", "--data", tmp_path / "data", "--recovery-file", key).code == 0
    assert run("check", "--config", tmp_path / "venue.toml", "--data", tmp_path / "data").code == 0


def test_a_house_is_never_set_up_twice(tmp_path: Path) -> None:
    assert set_up(tmp_path, ANSWERS).code == 0
    before = (tmp_path / "venue.toml").read_bytes()
    again = set_up(tmp_path, ANSWERS.replace("Mei Lin", "Somebody Else"))
    assert (again.code, again.out) == (1, "")
    assert f"{tmp_path / 'venue.toml'} is there: this venue is set up" in again.err
    assert (tmp_path / "venue.toml").read_bytes() == before
    (tmp_path / "venue.toml").unlink()  # gone, and its records are not
    once_more = set_up(tmp_path, ANSWERS)
    assert (once_more.code, once_more.out) == (1, "")
    assert "holds a house already" in once_more.err
    assert not (tmp_path / "venue.toml").exists()
    page = run("setup", "--config", tmp_path / "venue.toml", "--data", tmp_path / "data")
    assert page.code == 1
    assert "this venue is set up" in page.err
    served = run("serve", "--config", tmp_path / "venue.toml", "--data", tmp_path / "data")
    assert served.code == 2
    assert "cannot be read" in served.err


def test_what_was_interrupted_is_begun_again(tmp_path: Path) -> None:
    assert set_up(tmp_path, ANSWERS).code == 0
    (tmp_path / "venue.toml").unlink()
    (tmp_path / "data" / "setup.begun").touch(0o600)  # as a power cut before the settings stood leaves it
    again = set_up(tmp_path, ANSWERS)
    assert again.code == 0, again
    assert (tmp_path / "venue.toml").exists()
    assert not (tmp_path / "data" / "setup.begun").exists()


def test_every_mistake_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    done = set_up(
        tmp_path, '[venue]\nkind = "shop"\nnam = { en = "X" }\n[manager]\nlanguage = "de"\n[[zones]]\nid = "Bar!"\n'
    )
    assert (done.code, done.out) == (2, "")
    for words in ("venue.kind", "venue.nam: unknown key; did you mean 'name'?", "manager.name", "manager.language"):
        assert words in done.err
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "venue.toml").exists()
    assert "not TOML" in set_up(tmp_path, "[venue").err


def test_a_pin_and_a_passphrase_may_be_brought_along(tmp_path: Path) -> None:
    pin, key = kept_in(tmp_path / "s", PIN), kept_in(tmp_path / "s", "harbour lights in the rain")
    short = kept_in(tmp_path / "s", "short")
    refused = set_up(tmp_path, ANSWERS, "--recovery-file", short)
    assert (refused.code, refused.out) == (1, "")
    assert "12 characters" in refused.err
    done = set_up(tmp_path, ANSWERS, "--pin-file", pin, "--recovery-file", key)
    assert done.code == 0, done
    assert f"PIN {PIN}" in done.out
    assert "RECOVERY KEY" not in done.out
    assert run("recovery", "check", "--data", tmp_path / "data", "--recovery-file", key).code == 0


def test_where_the_settings_may_not_be_written_they_lie_beside_the_records(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ANSWERS, "utf-8")
    done = run("setup", "--from", file, "--config", tmp_path / "nowhere" / "venue.toml", "--data", tmp_path / "data")
    assert done.code == 0, done
    assert str(tmp_path / "data" / "venue.toml") in done.out


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=40)


@given(english=NAMES, chinese=NAMES, manager=NAMES)
def test_whatever_is_typed_stands_in_the_file_or_is_refused(english: str, chinese: str, manager: str) -> None:
    values = {"venue": {"name": {"en": english, "zh-CN": chinese}}, "manager": {"name": manager}}
    try:
        made = answers.from_values(values, Path("venue.toml"))
    except BadConfig:
        return
    again = parse(tomllib.loads(made.text))
    assert again == made.config
    assert again.venue.name.en == made.config.venue.name.en
    assert re.fullmatch(r"[A-Za-z0-9-]{1,64}", again.venue.id)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", made.manager_id)


# --- by a page ---------------------------------------------------------------------------------------------------


def sends(begun: Beginning, **fields: str) -> httpx2.Response:
    """Sends the form as a browser does."""
    origin = begun.url.rstrip("/")
    return httpx2.post(
        f"{begun.url}set-up", content=urlencode(fields), timeout=60,
        headers={"content-type": "application/x-www-form-urlencoded", "origin": fields.pop("from", origin)},
    )  # fmt: skip


def shown(page: httpx2.Response) -> str:
    """What a page says, without its marks."""
    return unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main>")[2]))


@pytest.fixture
def begun(tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of one
    """A machine that is no house yet."""
    with beginning(tmp_path, f"127.0.0.1:{free_port()}") as made:
        made.codes()
        yield made


def test_the_page_asks_for_the_code_and_shows_what_is_secret_once(begun: Beginning) -> None:
    page = httpx2.get(begun.url)
    assert page.status_code == 200
    assert "script" not in page.text
    assert begun.codes()[0] not in page.text
    assert "set-cookie" not in page.headers
    wrong = sends(begun, **FORM, code="AAAA-AAAA")
    assert wrong.status_code == 403
    assert "This is not the code." in shown(wrong)
    assert 'value="Mei Lin"' in wrong.text, "what was typed is not typed again"
    assert not begun.data.exists()
    done = sends(begun, **FORM, code=begun.codes()[0].lower().replace("-", " "))
    assert done.status_code == 200
    pin = re.search(r'data-shown="pin">(\d{6})<', done.text)
    assert pin is not None
    assert len(re.findall(r"<li>[a-z]+</li>", done.text)) == 24
    assert parse(tomllib.loads(begun.config.read_text("utf-8"))).venue.kind == "club"
    again = sends(begun, **FORM, code=begun.codes()[0])
    for secret in (pin[1], re.findall(r"<li>([a-z]+)</li>", done.text)[0]):
        assert secret not in shown(again)
        assert secret not in shown(httpx2.get(begun.url))
        assert secret not in "".join(begun.lines)


def test_five_wrong_codes_end_a_code(begun: Beginning) -> None:
    (first,) = begun.codes()
    for _ in range(5):
        assert sends(begun, **FORM, code="AAAA-AAAA").status_code == 403
    first_again, second = begun.codes(2)
    assert first_again == first != second
    assert sends(begun, **FORM, code=first).status_code == 403
    assert sends(begun, **FORM, code=second).status_code == 200


def test_foreign_pages_names_and_rubbish_are_refused(begun: Beginning) -> None:
    (code,) = begun.codes()
    foreign = sends(begun, **FORM, code=code, **{"from": "https://elsewhere.example"})
    assert foreign.status_code == 403
    rebound = httpx2.get(begun.url, headers={"host": "elsewhere.example"})
    assert rebound.status_code == 400
    assert httpx2.get(begun.url + "etc/passwd").status_code == 404
    assert httpx2.put(begun.url, content=b"x").status_code == 405
    for content, kind in ((b"\xff\xfe", "application/x-www-form-urlencoded"), (b"{}", "application/json")):
        assert httpx2.post(begun.url, content=content, headers={"content-type": kind}).status_code == 400
    large = httpx2.post(begun.url, content=b"a" * 20_000, headers={"content-type": "application/x-www-form-urlencoded"})
    assert large.status_code == 400
    assert not begun.data.exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name_en", "   ", "Give it a Chinese or an English name."),
        ("manager", "", "Give the name of a manager."),
        ("pin", "1234", "The PIN needs 4 to 12 digits, and none that everybody tries first."),
        ("pin", "48a913", "The PIN needs 4 to 12 digits, and none that everybody tries first."),
        ("timezone", "Mars/Olympus", "venue.timezone"),
        ("name_en", "x\x00\ufffd", "This name cannot be used, please take another:"),
    ],
)
def test_a_mistake_is_said_beside_what_was_typed(begun: Beginning, field: str, value: str, says: str) -> None:
    (code,) = begun.codes()
    refused = sends(begun, **{**FORM, "code": code, field: value})
    assert refused.status_code == 422
    assert says in shown(refused)
    assert not begun.config.exists()
    assert PIN not in sends(begun, **{**FORM, "code": code, "pin": PIN, "manager": ""}).text
    assert sends(begun, **FORM, code=code).status_code == 200


def test_beyond_this_machine_the_page_speaks_tls_by_the_house_s_own_authority(tmp_path: Path) -> None:
    with beginning(tmp_path, f"127.0.0.2:{free_port()}", "setup") as begun:
        assert begun.url.startswith("https://127.0.0.2:")
        (code,) = begun.codes()
        trusts = ssl.create_default_context(cafile=begun.data / "tls" / "authority.pem")
        with httpx2.Client(verify=trusts, timeout=60) as client:
            done = client.post(
                begun.url, content=urlencode({**FORM, "code": code, "network": "tablets"}),
                headers={"content-type": "application/x-www-form-urlencoded", "origin": begun.url.rstrip("/")},
            )  # fmt: skip
        assert done.status_code == 200
        authority = (begun.data / "tls" / "authority.pem").read_bytes()
        venue = parse(tomllib.loads(begun.config.read_text("utf-8")))
        assert venue.console.listen == begun.url.removeprefix("https://").rstrip("/")
    assert (tmp_path / "data" / "tls" / "authority.pem").read_bytes() == authority
