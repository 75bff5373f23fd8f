"""Any other JSON: what its settings find in it, and what they do not let through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Sighting
from reader_drivers.json_messages import MISSING, JsonDecoder, JsonMessages, follow, steps
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound

TOPIC = "venue/door/reads"
EPC: dict[str, Any] = {"identifier": "epc", "scheme": "epc"}

# Readers that are documented, with settings that read them: settings, topic, payload, what it means.
SAMPLES: list[tuple[dict[str, Any], str, Any, list[Sighting]]] = [
    (  # SpringCard SpringCore
        {"identifier": "TagId", "scheme_at": "Interface", "schemes": {"13.56": "nfc", "900": "epc"}, "rssi": "Rssi"}
        | {"only": {"State": "Insert"}, "antenna_level": 2},
        "springcard/springcore/A0123/rdr/evt",
        {"Sequence": 78, "Interface": "13.56", "Protocol": "Innovatron", "TagId": "262BA1B0", "State": "Insert"},
        [Sighting("json", "A0123", "nfc:262BA1B0", None, None, AT)],
    ),
    (  # Starfish hub
        {"identifier": "U", "scheme": "em", "only": {"E": ["R", "C"]}, "antenna": "S"},
        "RFID/data",
        [{"S": "082", "E": "R", "U": "082B278907"}],
        [Sighting("json", 82, "em:082B278907", None, None, AT)],
    ),
    (  # ESP8266 with an RDM6300
        {"identifier": "rfid", "scheme": "em", "time": "et", "antenna": "sensor"},
        "sensors/rfid",
        {"et": "1590463450", "sensor": "rfidRdr01", "reader": "1", "rfid": "1C0044CF23"},
        [Sighting("json", "rfidRdr01", "em:1C0044CF23", None, None, 1590463450.0)],
    ),
    (  # Kontakt.io
        {"identifier": "trackingId", "scheme": "ble", "rssi": "rssi", "time": "timestamp", "antenna": "sourceId"},
        "/stream/x/all",
        {
            "companyId": "c",
            "sourceId": "gw1",
            "trackingId": "c002aabbccdd",
            "rssi": -77,
            "timestamp": "2020-06-26T13:37:00Z",
        },
        [Sighting("json", "gw1", "ble:c002aabbccdd", -77.0, None, 1593178620.0)],
    ),
    (  # an RDM6300 behind a serial server, by a script: nothing but the number
        {"scheme": "em", "encoding": "text", "antenna_level": -1},
        "rfid/door",
        b"1C0044CF23\r\n",
        [Sighting("json", "door", "em:1C0044CF23", None, None, AT)],
    ),
    (  # ESPHome's pn532
        {"scheme": "nfc", "encoding": "text"},
        "esphome/tag",
        b"74-10-37-94",
        [Sighting("json", None, "nfc:74103794", None, None, AT)],
    ),
    (  # ESPHome's rdm6300
        {"scheme": "em", "encoding": "decimal"},
        "esphome/fob",
        b"4522787",
        [Sighting("json", None, "em:0000450323", None, None, AT)],
    ),
    (  # a scanner of iBeacons, in three members
        {"identifier": "uuid", "scheme": "ibeacon", "rssi": "rssi"},
        "scanner/1",
        {"uuid": "FDA50693-A4E2-4FB1-AFCF-C6EB07647825", "major": 10001, "minor": "19641", "rssi": -70},
        [Sighting("json", None, "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-10001-19641", -70.0, None, AT)],
    ),
    (  # the same, called otherwise, the major said once for all rows
        {"identifier": "b.id", "scheme": "ibeacon", "rows": "heard", "major": "maj", "minor": "b.min"},
        "scanner/1",
        {"maj": 1, "heard": [{"b": {"id": "fda50693a4e24fb1afcfc6eb07647825", "min": n}} for n in (0, 65535)]},
        [
            Sighting("json", None, f"ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-1-{n}", None, None, AT)
            for n in (0, 65535)
        ],
    ),
    (  # MikroTik, by a script
        {"identifier": "address", "scheme": "ble", "rssi": "rssi"},
        "knot",
        {"address": "C0:02:AA:BB:CC:DD", "rssi": "-51dBm", "data": "0201"},
        [Sighting("json", None, "ble:c002aabbccdd", -51.0, None, AT)],
    ),
    (  # Keonn, as its operator writes it
        {"identifier": "hex", "scheme": "epc", "rows": "data.tags", "rssi": "rssi", "rssi_scale": 0.01}
        | {"antenna": "ant", "time": "ts"},
        "keonn",
        {
            "ts": 1590463450123,
            "data": {"tags": [{"hex": "e280116060000209", "rssi": -5125, "ant": 3}, {"hex": "E2801161"}]},
        },
        [
            Sighting("json", 3, "epc:E280116060000209", -51.25, None, 1590463450.123),
            Sighting("json", None, "epc:E2801161", None, None, 1590463450.123),
        ],
    ),
    (  # one that tells the chip's number too
        {"scheme": "epc", "tid": "chip.tid"},
        "x",
        [{"id": "E2801161", "chip": {"tid": "e280 1160 6000"}}, {"id": "E2801162", "chip": {"tid": 5}}],
        [
            Sighting("json", None, "epc:E2801161", None, None, AT, "E28011606000"),
            Sighting("json", None, "epc:E2801162", None, None, AT),
        ],
    ),
    (  # a reader that says scheme:value itself
        {"rssi": "rssi", "time": "t", "distance": "cm", "distance_scale": 0.01},
        "x",
        {"id": "nfc:04a1b2c3d4e5f6", "rssi": -40.5, "cm": 12},
        [Sighting("json", None, "nfc:04A1B2C3D4E5F6", -40.5, 0.12, AT)],
    ),
]


def decoder(**settings: Any) -> JsonDecoder:
    return JsonMessages.decoder("json", JsonMessages.Settings.model_validate(settings))


def hear(payload: Any, topic: str = TOPIC, *, retained: bool = False, **settings: Any) -> list[Found]:
    return decoder(**settings).message(topic, body(payload), AT, retained=retained)


@pytest.mark.parametrize(("settings", "topic", "payload", "expected"), SAMPLES)
def test_documented_readers_are_read_by_settings(
    settings: dict[str, Any], topic: str, payload: Any, expected: list[Sighting]
) -> None:
    assert hear(payload, topic, **settings) == expected


@pytest.mark.parametrize(
    ("encoding", "scheme", "given_id", "identifier"),
    [
        ("text", "epc", "e2 80 11 60", "epc:E2801160"),
        ("base64", "epc", "ftqQOAUQAnEAAsCu", "epc:7EDA9038051002710002C0AE"),
        ("decimal", "em", 13530444, "em:0000CE754C"),
        ("decimal", "em", "0013530444", "em:0000CE754C"),
        ("text", "ibeacon", "FDA50693A4E24FB1AFCFC6EB07647825_1_2", "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-1-2"),
        ("text", "eddystone", "00112233445566778899AABBCCDDEEFF", "eddystone:00112233445566778899-aabbccddeeff"),
        ("text", "alias", "安娜", "alias:安娜"),
        ("text", "tid", "E28011700200", "tid:E28011700200"),
    ],
)
def test_identifiers_are_brought_to_one_spelling(encoding: Any, scheme: Any, given_id: Any, identifier: str) -> None:
    (found,) = hear({"id": given_id}, encoding=encoding, scheme=scheme)
    assert isinstance(found, Sighting)
    assert found.identifier == identifier


@pytest.mark.parametrize(
    ("settings", "payload", "word"),
    [
        ({"only": {"type": "read"}}, {"type": "status"}, "type"),
        ({"only": {"type": "read"}}, {}, "type"),
        ({"only": {"ok": True}}, {"ok": 1}, "ok"),
        ({"rows": "tags"}, {"status": "fine"}, "no rows"),
        ({"rows": "tags"}, {"tags": []}, "empty"),
        ({"scheme_at": "k", "schemes": {"a": "nfc"}}, {"id": "04A1B2C3", "k": "b"}, "k"),
        ({}, [], "empty"),
    ],
)
def test_what_the_settings_leave_out_is_ignored(settings: dict[str, Any], payload: Any, word: str) -> None:
    ignored(hear(payload, **{**EPC, "identifier": "id", "scheme": None, **settings}), word)


@pytest.mark.parametrize(
    "payload",
    [
        b"1C0044CF23",
        b"1c 00 44 cf 23",
        b"\xef\xbb\xbf1C0044CF23\n",
        b'"1C0044CF23"',
        b"1C0044CF23\0",
        b"\x021C0044CF23\x03",
        {"id": "1C0044CF23"},
        [{"id": "1C0044CF23"}],
    ],
)
def test_a_bare_tag_is_read_however_it_is_wrapped(payload: Any) -> None:
    assert hear(payload, encoding="text", scheme="em") == [Sighting("json", None, "em:1C0044CF23", None, None, AT)]


def test_bare_tags_on_several_lines_are_each_heard_and_a_bad_one_falls_alone() -> None:
    found = hear(b"em:1C0044CF23\r\n\r\nwhat\r\nnfc:94D8FC5F\r\n", encoding="text")
    assert [each.identifier for each in found if isinstance(each, Sighting)] == ["em:1C0044CF23", "nfc:94D8FC5F"]
    assert len(found) == 3


def test_a_bare_tag_that_the_broker_kept_is_nobodys_arrival() -> None:
    ignored(hear(b"1C0044CF23", retained=True, encoding="text", scheme="em"), "retained")
    ignored(hear(b"offline", encoding="text", scheme="em"), "last will")


@given(st.text(max_size=40), st.sampled_from(["em", "nfc", "epc", "ibeacon", "alias", None]), st.booleans())
def test_no_bare_text_raises(text: str, scheme: Any, retained: bool) -> None:
    for encoding in ("text", "decimal", "base64"):
        sound(hear(text.encode("utf-8", "surrogatepass") or b" ", retained=retained, encoding=encoding, scheme=scheme))


@given(st.uuids(), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.booleans())
def test_an_ibeacon_is_the_same_in_one_member_and_in_three(uuid: Any, major: int, minor: int, plain: bool) -> None:
    spelt = uuid.hex if plain else str(uuid).upper()
    (whole,) = hear({"id": f"{uuid}-{major}-{minor}"}, scheme="ibeacon")
    (parted,) = hear({"id": spelt, "major": major, "minor": str(minor)}, scheme="ibeacon")
    assert isinstance(whole, Sighting)
    assert parted == whole


def test_a_retained_message_is_history_or_nothing() -> None:
    ignored(hear({"epc": "E2801160"}, retained=True, **EPC), "retained")
    (found,) = hear({"epc": "E2801160", "t": AT - 500}, retained=True, time="t", **EPC)
    assert isinstance(found, Sighting)
    assert found.at == AT - 500
    ignored(hear({"epc": "E2801160", "t": "noon"}, retained=True, time="t", **EPC), "retained")


@pytest.mark.parametrize(
    ("settings", "payload", "word"),
    [
        (EPC, {}, "identifier"),
        (EPC, {"epc": None}, "identifier"),
        (EPC, {"epc": 7}, "identifier"),
        (EPC, {"epc": ""}, "epc"),
        (EPC, {"epc": "E2801160_2"}, "epc"),
        (EPC, {"epc": "E280"}, "epc"),
        ({}, {"id": "04A1B2C3"}, "scheme:value"),
        ({"scheme": "ibeacon"}, {"id": "fda50693a4e24fb1afcfc6eb07647825"}, "major or minor"),
        ({"scheme": "ibeacon"}, {"id": "fda50693a4e24fb1afcfc6eb07647825", "major": 1}, "major or minor"),
        ({"scheme": "ibeacon"}, {"id": "fda50693a4e24fb1afcfc6eb07647825", "major": 1, "minor": 65536}, "minor"),
        ({"scheme": "ibeacon"}, {"id": "fda50693a4e24fb1afcfc6eb07647825", "major": True, "minor": 1}, "major"),
        ({"scheme": "em", "encoding": "text"}, b"hello", "em"),
        ({"scheme": "em"}, b"1C0044CF23", "JSON"),
        ({"scheme": "em", "encoding": "text"}, b"\xff\xfe", "UTF-8"),
        ({"scheme": "em", "encoding": "text"}, b"1C0044CF23\n" * 1001, "lines"),
        ({}, {"id": "phone:1"}, "scheme"),
        ({"encoding": "base64", **EPC}, {"epc": "*"}, "base64"),
        ({"encoding": "decimal", "scheme": "em"}, {"id": -1}, "decimal"),
        ({"encoding": "decimal", "scheme": "em"}, {"id": True}, "decimal"),
        ({"encoding": "decimal", "scheme": "em"}, {"id": 1 << 40}, "decimal"),
        ({"encoding": "decimal", "scheme": "em"}, {"id": "x"}, "dec"),
        ({**EPC, "rssi": "r"}, {"epc": "E2801160", "r": True}, "rssi"),
        ({**EPC, "rssi": "r"}, {"epc": "E2801160", "r": "loud"}, "rssi"),
        ({**EPC, "rssi": "r"}, {"epc": "E2801160", "r": -128}, "rssi"),
        ({**EPC, "rssi": "r"}, {"epc": "E2801160", "r": []}, "rssi"),
        ({**EPC, "rssi": "r", "rssi_scale": 0.01}, {"epc": "E2801160", "r": -12701}, "rssi"),
        ({**EPC, "distance": "d"}, {"epc": "E2801160", "d": -1}, "distance"),
        ({**EPC, "distance": "d"}, {"epc": "E2801160", "d": 1001}, "dist"),
        ({**EPC, "antenna": "a"}, {"epc": "E2801160", "a": True}, "antenna"),
        ({**EPC, "antenna": "a"}, {"epc": "E2801160", "a": -1}, "antenna"),
        ({**EPC, "antenna": "a"}, {"epc": "E2801160", "a": {}}, "antenna"),
        ({**EPC, "antenna": "a"}, {"epc": "E2801160", "a": 1.5}, "antenna"),
        ({**EPC, "antenna": "a"}, {"epc": "E2801160", "a": "x" * 65}, "room"),
        ({**EPC, "antenna_level": 5}, {"epc": "E2801160"}, "topic"),
        ({**EPC, "rows": "tags"}, {"tags": 7}, "rows"),
        ({**EPC, "rows": "tags"}, {"tags": [7]}, "row"),
        ({**EPC, "rows": "tags"}, {"tags": [{}] * 1001}, "rows"),
    ],
)
def test_a_row_with_something_wrong_in_it_is_refused(settings: dict[str, Any], payload: Any, word: str) -> None:
    refused(hear(payload, **settings), word, without="E280")


@pytest.mark.parametrize(("payload", "word"), BROKEN)
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    refused(hear(payload, **EPC), word)


def test_one_bad_row_leaves_the_others() -> None:
    found = hear({"tags": [{"epc": "E2801160"}, {"epc": "x"}, {"epc": "E2801161"}]}, rows="tags", **EPC)
    assert [isinstance(each, Sighting) for each in found] == [True, False, True]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", {"b": [{"c": 1}, [2, 3]]}),
        ("a.b[0].c", 1),
        ("a.b[1][1]", 3),
        ("a.b[2]", MISSING),
        ("a.x", MISSING),
        ("a[0]", MISSING),
        ("a.b.c", MISSING),
        ("d e.ü", 4),
    ],
)
def test_paths_lead_through_objects_and_lists(path: str, found: Any) -> None:
    assert follow({"a": {"b": [{"c": 1}, [2, 3]]}, "d e": {"ü": 4}}, path) == found


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "a[", "a[x]", "a]b", "a[0]b", "a[-1]", "a[99999]"])
def test_what_is_no_path_is_refused_when_the_settings_are_read(path: str) -> None:
    with pytest.raises(ValueError, match=r"expected names|at least 1"):
        JsonMessages.Settings(identifier=path)


@pytest.mark.parametrize(
    "settings",
    [
        {"scheme": "irk"},
        {"schemes": {"a": "nfc"}},
        {"only": {"a..b": 1}},
        {"only": {"a": 1.5}},
        {"encoding": "rot13"},
        {"antenna_level": 21},
        {"distance_scale": 0},
        {"rssi_scale": 1e9},
        {"rows": "a["},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        JsonMessages.Settings.model_validate(settings)


def test_the_command_line_decodes_it() -> None:
    settings, topic, payload, _ = next(row for row in SAMPLES if row[1] == "keonn")
    assert [row["rssi"] for row in decoded("json", topic, payload, **settings)] == [-51.25, None]


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(topic: str, payload: bytes, retained: bool) -> None:
    sound(hear(payload, topic, retained=retained, antenna_level=2, **EPC))


@given(rows({"id", "r", "d", "a", "t", "k", "rows"}), st.sampled_from(["epc", "em", "nfc", "ble", "alias", None]))
def test_no_json_raises_and_a_sighting_keeps_its_ranges(row: dict[str, Any], scheme: Any) -> None:
    paths: dict[str, Any] = {
        "rssi": "r",
        "distance": "d",
        "antenna": "a",
        "time": "t",
        "scheme_at": "k",
        "schemes": {"x": "nfc"},
    }
    for encoding in ("text", "base64", "decimal"):
        for rows_at in (None, "rows"):
            payload = row if rows_at is None else {"rows": [row, 7], **row}
            sound(hear(payload, scheme=scheme, encoding=encoding, rows=rows_at, **paths))


@given(json_values, st.text(max_size=10))
def test_no_path_is_a_trouble(value: Any, path: str) -> None:
    try:
        steps(path)
    except ValueError:
        return
    follow(value, path)
