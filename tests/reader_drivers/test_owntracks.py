"""OwnTracks: regions in, never a coordinate; encrypted where there is a key."""

from __future__ import annotations

import importlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.secret import SecretBox

from reader_drivers import Found, Ignored, Sighting
from reader_drivers.phone.owntracks import OwnTracks, OwnTracksDecoder
from reader_drivers.sighting import Left
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, refused, rows, sound

TOPIC = "owntracks/anna/phone"
WHO = "owntracks:anna/phone"
KEY = "correct horse"

# From the project's own JSON schema, and an issue of its iOS app.
ENTER = (
    b'{"_type":"transition","acc":6,"created_at":1701264373,"desc":"blukii","event":"enter","lat":61.195709,'
    b'"lon":9.688233,"rid":"c00b92","t":"b","tid":"SG","tst":1701264368,"wtst":1610104404}'
)
INSIDE = (
    b'{"_type":"location","acc":35,"alt":40,"batt":80,"bs":1,"BSSID":"ca:fe:36:2:b9:2b","conn":"w",'
    b'"created_at":1701258670,"inregions":["office"],"inrids":["cb6046"],"lat":71.215592,"lon":3.767957,"m":1,'
    b'"p":99.834,"SSID":"office","t":"p","tid":"SG","tst":1701258666,"vac":19}'
)
OUTSIDE = b'{"lat":44.221389,"lon":6.64635,"tst":1692430980,"_type":"location","batt":100}'
TWO = (
    b'{"batt":100,"lon":18.005110195262557,"acc":65,"p":102.05797576904297,"vac":10,"lat":59.428773424623124,'
    b'"inregions":["Home","EBEFD083-70A2-47C8-9837-E7B5634DF524"],"t":"u","_cp":1,"conn":"w","tst":1526721166,'
    b'"alt":28,"_type":"location","tid":"wk","name":"wk"}'
)


def decoder(**settings: Any) -> OwnTracksDecoder:
    return OwnTracks.decoder("app", OwnTracks.Settings(**settings))


def hear(payload: Any, topic: str = TOPIC, *, retained: bool = False, **settings: Any) -> list[Found]:
    return decoder(**settings).message(topic, body(payload), AT, retained=retained)


def enter(desc: Any = "Flagship", **more: Any) -> dict[str, Any]:
    return {"_type": "transition", "event": "enter", "desc": desc, "tst": AT, "lat": 61.195709, "lon": 9.688233, **more}


def leave(desc: Any = "Flagship") -> dict[str, Any]:
    return {**enter(desc), "event": "leave"}


def test_a_transition_is_a_sighting_in_its_region() -> None:
    assert hear(ENTER, TOPIC + "/event") == [Sighting("app", "blukii", WHO, None, None, 1701264368.0)]
    (now,) = hear(enter(), TOPIC + "/event")
    assert now == Sighting("app", "Flagship", WHO, None, None, AT)


def test_a_location_tells_the_regions_that_the_phone_is_in() -> None:
    assert hear(INSIDE) == [Sighting("app", "office", WHO, None, None, 1701258666.0)]
    assert [each.antenna for each in hear(TWO) if isinstance(each, Sighting)] == [
        "Home",
        "EBEFD083-70A2-47C8-9837-E7B5634DF524",
    ]


def test_of_regions_that_are_not_ours_nothing_is_told() -> None:
    found = hear(TWO, regions=("Flagship",))
    assert found == [Left("app", None, WHO, None, None, 1526721166.0)]
    ignored(hear(enter("Home"), regions=("Flagship",)), "none of ours")
    ignored(hear(leave("Home"), regions=("Flagship",)), "none of ours")
    both = {"_type": "location", "inregions": ["Home", "Flagship"], "tst": AT}
    other, ours = hear(both, regions=("Flagship",))
    ignored([other], "none of ours")
    assert isinstance(ours, Sighting)
    found = hear(enter("Home"), regions=["Flagship"])
    ignored(found)
    assert "Home" not in repr(found)
    (ours,) = hear(enter(), regions=("Flagship",))
    assert isinstance(ours, Sighting)


NEAR = {
    "_type": "beacon", "desc": "Bar", "uuid": "CA271EAE-5FA8-4E80-8F08-2A302A95A959", "major": 1, "minor": 33000,
    "tst": 1701258666, "acc": 2.5, "rssi": -71, "prox": 2,
}  # fmt: skip
UUID = "ca271eae-5fa8-4e80-8f08-2a302a95a959"


@pytest.mark.parametrize("topic", [TOPIC, TOPIC + "/beacon"])
def test_a_beacon_that_the_phone_ranges_says_where_it_is(topic: str) -> None:
    assert hear(NEAR, topic) == [Sighting("app", "Bar", WHO, -71.0, 2.5, 1701258666.0)]


@pytest.mark.parametrize(
    ("desc", "regions", "region"),
    [
        (None, (), f"{UUID}-1-33000"),
        ("Bar", ("Bar", UUID), "Bar"),
        (None, (f"{UUID.upper()}-1-33000", UUID), f"{UUID.upper()}-1-33000"),
        ("mine", (UUID,), UUID),
        ("mine", ("Bar",), None),
    ],
)
def test_a_beacon_is_the_region_that_is_called_so(desc: str | None, regions: Any, region: str | None) -> None:
    found = hear({**NEAR, "desc": desc}, TOPIC + "/beacon", regions=regions)
    if region is None:
        ignored(found, "none of ours")
    else:
        assert [each.antenna for each in found if isinstance(each, Sighting)] == [region]


def test_a_beacon_that_the_phone_has_just_lost_is_nowhere() -> None:
    ignored(hear({**NEAR, "rssi": 0, "acc": -1, "prox": 0}, TOPIC + "/beacon"), "does not hear")
    (found,) = hear({**NEAR, "acc": -1, "prox": 0}, TOPIC + "/beacon")
    assert isinstance(found, Sighting)
    assert (found.rssi, found.distance) == (-71.0, None)
    refused(hear({**NEAR, "rssi": "loud"}, TOPIC + "/beacon"), "rssi")
    refused(hear({**NEAR, "desc": None, "uuid": "x"}, TOPIC + "/beacon"), "uuid")


@pytest.mark.parametrize("payload", [ENTER, INSIDE, OUTSIDE, TWO, enter()])
def test_no_coordinate_and_no_network_leaves_the_driver(payload: Any) -> None:
    told = repr(hear(payload))
    for secret in ("61.19", "9.68", "71.21", "3.76", "44.22", "6.64", "18.00", "59.42", "ca:fe", "SSID"):
        assert secret not in told


@pytest.mark.parametrize(
    ("topic", "payload", "word"),
    [
        (TOPIC, b'{"_type":"lwt","tst":1699882482}', "lost its network"),
        (TOPIC, b'{"tst":"1526617158","_type":"lwt"}', "lost its network"),
        (TOPIC, {"_type": "card", "name": "Anna"}, "neither"),
        (TOPIC + "/waypoints", b"anything", "neither"),
        (TOPIC + "/cmd", b"{}", "neither"),
        (TOPIC, b"", "deleted"),
    ],
)
def test_what_is_no_sighting_is_ignored(topic: str, payload: Any, word: str) -> None:
    ignored(hear(payload, topic), word)


@pytest.mark.parametrize(
    ("payload", "region"),
    [
        (OUTSIDE, None),
        ({"_type": "location", "inregions": [], "tst": 1692430980}, None),
        ({"_type": "transition", "event": "leave", "desc": "Flagship", "tst": 1692430980, "lat": 1.5}, "Flagship"),
    ],
)
def test_a_phone_that_has_left_says_so_and_it_is_no_sighting(payload: Any, region: str | None) -> None:
    assert hear(payload) == [Left("app", region, WHO, None, None, 1692430980.0)]
    (row,) = decoded("owntracks", TOPIC, payload)
    assert row == {"ignored": "it says that it has left: no sighting"}


def test_a_retained_location_is_history_and_without_a_time_nothing() -> None:
    (found,) = hear(INSIDE, retained=True)
    assert isinstance(found, Sighting)
    assert found.at == 1701258666.0
    untimed = {"_type": "location", "inregions": ["Flagship"]}
    ignored(hear(untimed, retained=True), "retained")
    (found,) = hear(untimed)
    assert isinstance(found, Sighting)
    assert found.at == AT


def test_a_time_may_be_text() -> None:
    (found,) = hear(enter(tst="1526617158"))
    assert isinstance(found, Sighting)
    assert found.at == 1526617158.0


@pytest.mark.parametrize(
    ("topic", "payload", "word"),
    [
        (TOPIC, {}, "_type"),
        (TOPIC, {"_type": 7}, "_type"),
        (TOPIC, {"_type": "transition", "desc": "x"}, "event"),
        (TOPIC, {"_type": "transition", "desc": "x", "event": "ent"}, "event"),
        (TOPIC, {"_type": "transition", "desc": "x", "event": True}, "event"),
        (TOPIC, enter(None), "region"),
        (TOPIC, enter(7), "region"),
        (TOPIC, enter(""), "room"),
        (TOPIC, enter("x" * 65), "room"),
        (TOPIC, {"_type": "location", "inregions": "office"}, "inregions"),
        (TOPIC, {"_type": "location", "inregions": ["a"] * 101}, "inregions"),
        (TOPIC, {"_type": "location", "inregions": [7]}, "region"),
        ("owntracks", enter(), "topic"),
        ("owntracks/anna", enter(), "topic"),
        (TOPIC, leave(7), "region"),
        ("owntracks//phone", enter(), "owntracks"),
        ("owntracks/anna smith/phone", enter(), "owntracks"),
        (f"owntracks/{'x' * 130}/phone", enter(), "owntracks"),
    ],
)
def test_a_message_with_something_wrong_in_it_is_refused(topic: str, payload: Any, word: str) -> None:
    refused(hear(payload, topic), word)


@pytest.mark.parametrize(("payload", "word"), BROKEN)
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    if payload == b"[7]":
        word = "not an object"
    refused(hear(payload), word)


# --- encrypted ------------------------------------------------------------------------------------------------------


def sealed(value: Any, key: str = KEY) -> dict[str, Any]:
    box = SecretBox(key.encode().ljust(32, b"\0"))
    return {"_type": "encrypted", "data": b64encode(bytes(box.encrypt(body(value)))).decode()}


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "owntracks-keys"
    file.write_text(f"# who, and their key\n\nanna/phone {KEY}\n*   another one\n")
    return str(file)


def test_encrypted_messages_are_read_with_the_phones_key_or_everybodys(key_file: str) -> None:
    expected = [Sighting("app", "Flagship", WHO, None, None, AT)]
    assert hear(sealed(enter()), key_file=key_file) == expected
    (other,) = hear(sealed(enter(), "another one"), "owntracks/bob/phone", key_file=key_file)
    assert isinstance(other, Sighting)
    assert other.identifier == "owntracks:bob/phone"
    assert hear(enter(), key_file=key_file) == expected, "plain ones are still read"
    assert decoder(key_file=key_file).quiet(AT) is None


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (sealed(enter(), "wrong"), "another key"),
        ({"_type": "encrypted", "data": "YWJjZGUK"}, "too short"),
        ({"_type": "encrypted", "data": "***"}, "base64"),
        ({"_type": "encrypted", "data": 7}, "too short"),
        ({"_type": "encrypted"}, "too short"),
        (sealed(b"no json"), "JSON"),
        (sealed([1]), "not an object"),
    ],
)
def test_what_cannot_be_decrypted_is_refused_without_a_key(payload: Any, word: str, key_file: str) -> None:
    refused(hear(payload, key_file=key_file), word, without=KEY)


def test_a_box_within_a_box_is_no_sighting(key_file: str) -> None:
    ignored(hear(sealed(sealed(enter())), key_file=key_file), "neither")


def test_without_a_key_it_is_said_what_is_missing(tmp_path: Path, key_file: str) -> None:
    refused(hear(sealed(enter())), "no key_file")
    gone = decoder(key_file=str(tmp_path / "gone"))
    refused(gone.message(TOPIC, body(sealed(enter())), AT), "no such file")
    assert gone.quiet(AT) == "encrypted messages: its key file cannot be read: no such file or directory"
    Path(key_file).write_text(f"anna/phone {KEY}\n")
    refused(hear(sealed(enter()), "owntracks/bob/phone", key_file=key_file), "no key for this device")


@pytest.mark.parametrize("line", ["anna/phone", "anna/phone  ", f"anna/phone {'x' * 33}", "anna/phone " + "字" * 11])
def test_a_key_file_with_a_bad_line_is_told_by_line_and_not_by_key(line: str, key_file: str) -> None:
    Path(key_file).write_text(f"# keys\n{line}\n")
    told = decoder(key_file=key_file).quiet(AT)
    assert told is not None
    assert "line 2" in told
    assert "xxx" not in told


def test_a_key_file_may_be_a_credential(key_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(Path(key_file).parent))
    (found,) = hear(sealed(enter()), key_file="owntracks-keys")
    assert isinstance(found, Sighting)


def test_without_pynacl_it_is_said_what_to_install(key_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str, package: str | None = None) -> Any:
        if name.startswith("nacl"):
            raise ModuleNotFoundError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", missing)
    refused(hear(sealed(enter()), key_file=key_file), "moments[owntracks]")
    (plain,) = hear(enter(), key_file=key_file)
    assert isinstance(plain, Sighting)


def test_the_command_line_decodes_it() -> None:
    (row,) = decoded("owntracks", TOPIC, INSIDE)
    assert (row["identifier"], row["antenna"], row["at"]) == (WHO, "office", 1701258666.0)
    assert "lat" not in json.dumps(row)


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(topic: str, payload: bytes, retained: bool) -> None:
    for each in (topic, TOPIC, TOPIC + "/event", f"owntracks/{topic}/phone"):
        sound(hear(payload, each, retained=retained))


@given(
    rows({"event", "desc", "inregions", "tst", "data", "uuid", "major", "minor", "rssi", "acc", "prox"}),
    st.sampled_from(["transition", "location", "beacon", "lwt", "encrypted"]),
)
def test_no_json_raises_and_nothing_private_is_told(value: dict[str, Any], kind: str) -> None:
    found = hear({**value, "_type": kind, "lat": 61.195709})
    sound(found)
    assert all(isinstance(each, Ignored) or "61.19" not in repr(each) for each in found)


@pytest.mark.parametrize("ours", ["Café", "Cafe\u0301", "CAFÉ", " Café\u200b"])
@pytest.mark.parametrize("told", ["Café", "Cafe\u0301", "café", "Café\u00a0", "\u2068Café\u2069"])
def test_a_region_is_ours_however_its_name_is_written(ours: str, told: str) -> None:
    inside = {"_type": "location", "inregions": [told], "tst": AT}
    (found,) = hear(inside, regions=(ours,))
    assert isinstance(found, Sighting)
    assert not isinstance(found, Left)
    assert found.antenna == " ".join(normalize("NFC", ours).replace("\u200b", "").split())
    (come,) = hear(enter(told), TOPIC + "/event", regions=(ours,))
    assert (type(come), come.antenna) == (Sighting, found.antenna)  # type: ignore[union-attr]  # it is one
    (gone,) = hear(leave(told), TOPIC + "/event", regions=(ours,))
    assert isinstance(gone, Left)


def test_a_phone_in_the_other_form_of_another_region_has_left(tmp_path: Path) -> None:
    (found,) = hear({"_type": "location", "inregions": ["Cafe"], "tst": AT}, regions=("Café",))
    assert isinstance(found, Left)
