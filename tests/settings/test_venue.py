"""venue.toml: what it gives, and what it says to whoever mistyped it."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.recognition.settings import PresenceSettings
from gateway.records.exchange import read_csv
from gateway.records.values import CATEGORIES
from gateway.resources import config_folder
from gateway.settings.outward import webhook_secret
from gateway.settings.privacy import KINDS_OF_FACT
from gateway.settings.venue import BadConfig, VenueConfig, load, mqtt_password, parse
from reader_drivers import DRIVERS

VENUE = """\
[venue]
id = "flagship"
name = { zh-CN = "旗舰店", en = "Flagship" }
kind = "store"
timezone = "Asia/Shanghai"

[console]
listen = "127.0.0.1:8080"

[mqtt]
url = "embedded"

[[zones]]
id = "entrance"
name = { zh-CN = "入口", en = "Entrance" }

[[zones]]
id = "counter"
name = { zh-CN = "柜台", en = "Counter" }

[[readers]]
id = "door"
driver = "m100"
link = "/dev/ttyUSB0"
role = "inner"
antennas = { 1 = "entrance", 2 = "counter" }

[[readers]]
id = "phones"
driver = "espresense"
link = "espresense"
role = "zone"
rooms = { foyer = "entrance" }

[alerts]
escalate_after_s = [8, 15]
"""


@pytest.fixture
def mistakes(tmp_path: Path) -> Any:
    """What a person is told of the good file above with some texts replaced."""

    def told(*changes: tuple[str, str], text: str = VENUE) -> str:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "venue.toml"
        file.write_text(text, "utf-8")
        with pytest.raises(BadConfig) as caught:
            load(file)
        lines = str(caught.value).splitlines()
        assert lines
        assert all(line.startswith(f"{file}: ") for line in lines)
        return "\n".join(line.removeprefix(f"{file}: ") for line in lines)

    return told


# --- what it gives ------------------------------------------------------------------------------------------------


def test_a_good_file_is_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "venue.toml"
    file.write_text("\ufeff" + VENUE, "utf-8")
    config = load(file)
    door, phones = config.readers
    assert config.venue.name.by_language() == {"zh-CN": "旗舰店", "en": "Flagship"}
    assert (config.console.host, config.console.port) == ("127.0.0.1", 8080)
    assert config.mqtt
    assert config.mqtt.embedded
    assert [door.zone_of(antenna) for antenna in (1, 2, 3, None)] == ["entrance", "counter", None, None]
    assert [phones.zone_of(room) for room in ("foyer", "attic", None)] == ["entrance", None, None]
    assert door.zones == ("entrance", "counter")
    assert isinstance(door.settings, DRIVERS["m100"].settings)
    assert config.alerts.escalate_after_s == (8, 15)


def test_a_venue_needs_little() -> None:
    config = parse({"venue": {"id": "a", "name": {"zh-CN": "甲", "en": "A"}}})
    assert (config.console.listen, config.mqtt, config.readers) == ("127.0.0.1:8080", None, ())


def test_a_reader_in_one_zone_has_it_for_every_antenna() -> None:
    data = tomllib.loads(VENUE.replace('antennas = { 1 = "entrance", 2 = "counter" }', 'zone = "counter"'))
    assert [parse(data).readers[0].zone_of(antenna) for antenna in (None, 1, "foyer")] == ["counter"] * 3


def test_defaults_are_recognitions_own() -> None:
    rules, everywhere = VenueConfig.model_fields["presence"].get_default(), PresenceSettings()
    assert (rules.reentry_minutes * 60, rules.linger_s) == (everywhere.reentry_s, everywhere.linger_s)


@pytest.mark.parametrize("url", ["mqtt://10.0.0.5", "mqtts://gateway@broker.example:8883/", "mqtt://[fd00::1]:1883"])
def test_a_broker_elsewhere(url: str) -> None:
    config = parse(tomllib.loads(VENUE.replace("embedded", url)))
    assert config.mqtt
    assert not config.mqtt.embedded
    assert config.mqtt.address in [("10.0.0.5", 1883), ("broker.example", 8883), ("fd00::1", 1883)]


def test_tablets_may_come_from_the_network_over_tls_or_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "c.pem").touch()
    (tmp_path / "k.pem").touch()
    wide = VENUE.replace("127.0.0.1:8080", "0.0.0.0:8443")
    tls = parse(
        tomllib.loads(wide.replace("[console]", '[console]\ntls = { cert = "c.pem", key = "k.pem" }')),
        tmp_path / "venue.toml",
    ).console.tls
    assert tls
    assert (tls.cert, tls.key) == (str(tmp_path / "c.pem"), str(tmp_path / "k.pem"))
    proxied = parse(
        tomllib.loads(VENUE.replace("[console]", '[console]\nbehind_proxy = true\nhosts = ["VIP.example.com"]'))
    )
    assert {"vip.example.com", "localhost", "127.0.0.1"} <= proxied.console.allowed_hosts


def test_tls_files_are_taken_from_the_credentials_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "credentials").mkdir()
    for file in ("etc/c.pem", "etc/k.pem", "credentials/k.pem"):
        (tmp_path / file).touch()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    data = tomllib.loads(VENUE.replace("[console]", '[console]\ntls = { cert = "c.pem", key = "k.pem" }'))
    tls = parse(data, tmp_path / "etc" / "venue.toml").console.tls
    assert tls
    assert (tls.cert, tls.key) == (str(tmp_path / "etc/c.pem"), str(tmp_path / "credentials/k.pem"))


# --- what it says -------------------------------------------------------------------------------------------------

ONE_MISTAKE = [
    ("Asia/Shanghai", "UTC+8", "venue.timezone = \"UTC+8\": expected a time zone *'Asia/Shanghai' or *'Etc/GMT-8'?"),
    ("Asia/Shanghai", "GMT-05:00", "venue.timezone = \"GMT-05:00\": *'America/New_York' or 'Etc/GMT+5'?"),
    ("Asia/Shanghai", "+05:30", "venue.timezone = \"+05:30\": *did you mean 'Asia/Kolkata'?"),
    ("Asia/Shanghai", "UTC+19", "venue.timezone = \"UTC+19\": expected a time zone like 'Asia/Shanghai'"),
    ("Asia/Shanghai", "Asia/Beijing", "venue.timezone = \"Asia/Beijing\": *did you mean 'Asia/Shanghai'?"),
    ("Asia/Shanghai", "CST", "venue.timezone = \"CST\": *did you mean 'Asia/Shanghai' or 'America/Chicago'?"),
    ("timezone =", "tomezone =", "venue.tomezone = \"Asia/Shanghai\": unknown key; did you mean 'timezone'?"),
    ("Shanghai", "Shangai", "venue.timezone = \"Asia/Shangai\": *did you mean 'Asia/Shanghai'?"),
    ('"store"', '"stor"', "venue.kind = \"stor\": expected one of store, cabin, *; did you mean 'store'?"),
    ('id = "flagship"', 'id = "our shop"', "venue.id = \"our shop\": expected letters, digits and '-'"),
    ('id = "flagship"', "", "venue.id: missing; expected letters, digits and '-'"),
    ('zh-CN = "旗舰店", en = "Flagship"', "", "venue.name: expected a name: *, or one of the two"),
    ('{ zh-CN = "旗舰店", en = "Flagship" }', '"旗舰店"', 'venue.name = "旗舰店": expected { zh-CN = *'),
    ("127.0.0.1:8080", "8080", "console.listen = \"8080\": expected an address and a port *like '127.0.0.1:8080'"),
    ("127.0.0.1:8080", "127.0.0.1:80808", 'console.listen = "127.0.0.1:80808": expected an address and a port *'),
    ('[console]', '[console]\nunencrypted = "yes"', "console: unencrypted: expected the words 'anybody on *"),
    ("8080\"", '8080"\ntrust_page = "8081"', "console.trust_page = \"8081\": expected an address and a port *"),
    ("embedded", "mqtt://127.0.0.1:8080", 'console.listen = "127.0.0.1:8080": is the broker\'s address *'),
    ("embedded", "http://broker", "mqtt.url = \"http://broker\": expected 'embedded', 'mqtt://user@host:1883' *"),
    ("embedded", "embeded", "mqtt.url = \"embeded\": expected 'embedded', *"),
    ("embedded", "mqtt://broker:0", 'mqtt.url = "mqtt://broker:0": expected *'),
    ("embedded", "mqtt://broker/path", 'mqtt.url = "mqtt://broker/path": expected *nothing behind it'),
    ('[mqtt]\nurl = "embedded"', "", 'readers[phones].driver = "espresense": *expected a table [mqtt] with url'),
    ('"m100"', '"m10"', "readers[door].driver = \"m10\": expected a driver: *; did you mean 'm100'?"),
    ('"inner"', '"iner"', "readers[door].role = \"iner\": expected one of outer, inner, *; did you mean 'inner'?"),
    ("link = \"/dev", "lnk = \"/dev", "readers[door].lnk = \"/dev/ttyUSB0\": unknown key; did you mean 'link'?"),
    ('1 = "entrance"', '1 = "entrence"', "readers[door].antennas.1 = \"entrence\": no such zone; *mean 'entrance'?"),
    ('foyer = "entrance"', 'foyer = "x"', 'readers[phones].rooms.foyer = "x": no such zone; *: entrance, counter'),
    ('1 = "entrance"', 'one = "entrance"', 'readers[door].antennas.one = "one": expected a whole number'),
    ('role = "zone"', 'role = "zone"\nzone = "counter"', "readers[phones]: has zone and rooms; expected exactly one *"),
    ("rooms = { foyer = \"entrance\" }", "", "readers[phones]: has none of them; expected exactly one of zone, *"),
    ('{ foyer = "entrance" }', "{}", "readers[phones].rooms = {}: is empty; expected at least one zone"),
    ('antennas = { 1 = "entrance", 2 =', "rooms = { hall =", "readers[door].rooms = *knows no rooms; expected zone *"),
    ('id = "phones"', 'id = "door"', 'readers[door].id = "door": used twice, in [[readers]] 1 and 2; expected *'),
    ('id = "counter"', 'id = "entrance"', 'zones[entrance].id = "entrance": used twice, in [[zones]] 1 and 2*'),
    ("[8, 15]", "[15, 8]", "alerts.escalate_after_s = [15, 8]: expected two rising numbers of seconds, *"),
    ("[8, 15]", "[-8, 15]", "alerts.escalate_after_s[1] = -8: expected greater than 0"),
    ("[8, 15]", "[8]", "alerts.escalate_after_s = [8]: expected two rising numbers *"),
    ("[8, 15]", "[8, nan]", "alerts.escalate_after_s[2] = NaN: expected *"),
    ("[8, 15]", '[8, "15"]', 'alerts.escalate_after_s[2] = "15": expected a valid number'),
    ("[alerts]", "[retention]\nvisits_days = 0\n[alerts]", "retention.visits_days = 0: expected greater than 0"),
    ("[alerts]", "[alrts]", "alrts: unknown key; did you mean 'alerts'?"),
    ("[alerts]", "[[readers.settings]]\n[alerts]", "readers[phones].settings = [{}]: *"),
    ("[alerts]", "[readers.settings]\nbogus = 5\n[alerts]", "readers[phones].settings.bogus = 5: unknown key; *"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), ONE_MISTAKE)
def test_each_mistake_is_named_with_its_key_its_value_and_what_was_expected(
    mistakes: Any, old: str, new: str, told: str
) -> None:
    pattern = "".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", told))
    if old in ('id = "phones"', 'id = "counter"'):
        told_lines = mistakes((old, new)).splitlines()
        assert any(re.fullmatch(pattern, line) for line in told_lines), told_lines
    else:
        assert re.fullmatch(pattern, mistakes((old, new)))


HOOK = '[[webhooks]]\nname = "crm"\nurl = "https://crm.example.com/x"\n'
A_SECRET = "MOMENTS_WEBHOOK_SECRET_CRM"


@pytest.mark.parametrize(("old", "new", "told"), [
    ("https://", "http://user:hunter2@", "webhooks[crm].url: holds a user name, and secrets are never in this file*"),
    ("https://", "ftp://", 'webhooks[crm].url = "ftp://crm.example.com/x": expected https://host/path*'),
    ('name = "crm"', 'name = "CRM!"', 'webhooks[CRM!].name = "CRM!": expected *'),
    ('name = "crm"', 'name = "crm"\nevents = ["vist.*"]', "webhooks[crm].events = *: expected kinds of event *"),
    ('name = "crm"', 'name = "crm"\nevents = []', "webhooks[crm].events = []: expected *"),
    ('url = "https', 'personal = true\nurl = "http', "webhooks[crm]: personal = true over http:// sends names*"),
    (HOOK, HOOK + HOOK, 'webhooks[crm].name = "crm": used twice, in [[webhooks]] 1 and 2; expected a name of its own'),
])  # fmt: skip
def test_a_webhooks_mistakes_are_named(
    mistakes: Any, monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str
) -> None:
    monkeypatch.setenv(A_SECRET, "s" * 32)
    said = mistakes((old, new), text=VENUE + HOOK)
    assert "hunter2" not in said
    assert re.fullmatch("".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", told)), said)


SPA = """
[[partners]]
id = "spa-bund"
name = { zh-CN = "水疗", en = "Bund Spa" }
country = "CN"
data = ["preferences.food"]
[[webhooks]]
name = "spa"
url = "https://spa.example.com/x"
partner = "spa-bund"
"""


@pytest.mark.parametrize(("old", "new", "told"), [
    ('partner = "spa', 'partner = "spar', 'webhooks[spa].partner = "spar-bund": expected the id of *did you mean *'),
    ("https://spa", "http://spa", "webhooks[spa]: a partner over http:// is told of people in clear; expected https://"),
    ('name = "spa"', 'name = "spa"\npersonal = true', "webhooks[spa]: a partner is sent what * no personal here"),
    ('name = "spa"', 'name = "spa"\nevents = ["*"]', "webhooks[spa]: a partner is sent what * no events here"),
    ('name = "spa"', 'name = "spa"\nbrand = "b"', 'webhooks[spa].brand = "b": expected one of privacy.brands'),
    ('partner = "spa-bund"', 'brand = "b"', "webhooks[spa]: brand is for the webhook of a partner; expected partner *"),
    ("preferences.food", "preferences.allergy", 'partners[spa-bund].data = "preferences.allergy": cannot be sent by *'),
    ("preferences.food", "preferences.foods", "*did you mean 'preferences.food'?"),
])  # fmt: skip
def test_a_mistake_about_a_partner_is_named_and_nothing_starts(
    mistakes: Any, monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str
) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_SPA", "s" * 32)
    said = mistakes((old, new), text=VENUE + SPA)
    assert re.fullmatch("".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", told)), said)


def test_a_partner_has_one_webhook_and_loopback_needs_no_tls(mistakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPA", "SPA_2"):
        monkeypatch.setenv(f"MOMENTS_WEBHOOK_SECRET_{name}", "s" * 32)
    again = SPA[SPA.index("[[webhooks]]") :].replace('"spa"', '"spa-2"')
    said = mistakes(text=VENUE + SPA + again)
    assert said == (
        "webhooks[spa-2].partner = \"spa-bund\": has the webhook 'spa' already; expected one webhook for each partner"
    )
    here = parse(tomllib.loads(VENUE + SPA.replace("https://spa.example.com", "http://127.0.0.1:8081")))
    assert here.webhooks[0].partner == "spa-bund"


def test_what_a_partner_may_be_sent_is_every_kind_of_fact_but_health_and_what_is_no_kind() -> None:
    assert set(KINDS_OF_FACT) == {*CATEGORIES} - {"allergy", "accessibility", "other"}


def test_a_webhook_signs_with_a_secret_from_elsewhere(
    mistakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(A_SECRET, raising=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert mistakes(text=VENUE + HOOK) == (
        "webhooks[crm]: has no secret to sign with; expected 24 or more in MOMENTS_WEBHOOK_SECRET_CRM "
        "or the credential 'webhook-crm'"
    )
    (tmp_path / "webhook-crm").write_text("short\n")
    assert "has a secret of 5 characters" in mistakes(text=VENUE + HOOK)
    (tmp_path / "webhook-crm").write_text("k" * 32 + "\n")
    (hook,) = parse(tomllib.loads(VENUE + HOOK)).webhooks
    assert (hook.events, hook.personal) == (("visit.*",), False)
    assert (webhook_secret(hook), hook.wants("visit.arrived"), hook.wants("alert.opened")) == ("k" * 32, True, False)


def test_home_assistant_needs_a_broker_and_a_prefix_that_is_a_topic(mistakes: Any) -> None:
    table = '[home_assistant]\ndiscovery_prefix = "homeassistant"\n'
    assert parse(tomllib.loads(VENUE)).home_assistant is None
    home = parse(tomllib.loads(VENUE + "[home_assistant]\n")).home_assistant
    assert home is not None
    assert home.discovery_prefix == "homeassistant"
    assert 'home_assistant.discovery_prefix = "ho#me": expected levels of letters' in mistakes(
        ('"homeassistant"', '"ho#me"'), text=VENUE + table
    )
    assert "home_assistant: is told through an MQTT broker" in mistakes(
        ('[mqtt]\nurl = "embedded"', ""), text=VENUE + table
    )


def test_every_mistake_is_told_at_once(mistakes: Any) -> None:
    told = mistakes(("timezone", "tomezone"), ('"inner"', '"iner"'), ("[8, 15]", "[8]"))
    assert [line.split(" ")[0] for line in told.splitlines()] == [
        "venue.tomezone",
        "readers[door].role",
        "alerts.escalate_after_s",
    ]


def test_a_driver_says_what_its_own_settings_are(mistakes: Any) -> None:
    table = "\n[readers.settings]\npower_dbn = 20\n"
    told = mistakes(('2 = "counter" }\n', '2 = "counter" }\n' + table))
    assert told == "readers[door].settings.power_dbn = 20: unknown key; did you mean 'power_dbm'?"
    told = mistakes(('2 = "counter" }\n', '2 = "counter" }\n' + table.replace("dbn = 20", 'dbm = "loud"')))
    assert told.startswith('readers[door].settings.power_dbm = "loud": expected a ')


@pytest.mark.parametrize(("kind", "role", "good"), [("contact", "zone", "inner or exit"), ("motion", "inner", "zone")])
def test_a_sensor_has_a_role_that_it_can_have(mistakes: Any, kind: str, role: str, good: str) -> None:
    other = f'\n[[readers]]\nid = "s"\ndriver = "json"\nlink = "z/s"\nrole = "{role}"\nzone = "entrance"\n'
    told = mistakes(("[alerts]", f'{other}[readers.settings]\nkind = "{kind}"\n[alerts]'))
    assert told == f'readers[s].role = "{role}": a {kind} reads no tags; expected {good}'


def test_two_readers_on_one_serial_port_are_refused(mistakes: Any) -> None:
    other = '\n[[readers]]\nid = "exit"\ndriver = "m100"\nlink = "/dev/ttyUSB0"\nrole = "exit"\nzone = "entrance"\n'
    assert mistakes(("[alerts]", other + "[alerts]")) == (
        "readers[exit].link = \"/dev/ttyUSB0\": is the link of reader 'door' already; expected a link of its own"
    )


def test_tls_names_the_file_that_is_not_there(mistakes: Any, tmp_path: Path) -> None:
    (tmp_path / "c.pem").touch()
    told = mistakes(("[console]", '[console]\ntls = { cert = "c.pem", key = "k.pem" }'))
    assert told == f'console.tls.key = "{tmp_path}/k.pem": no such file; expected a PEM file'


def test_a_file_that_is_no_toml_names_the_line(mistakes: Any) -> None:
    assert re.fullmatch(r"not TOML: .*line 2.*", mistakes(('id = "flagship"', 'id = "flagship')))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"absent\.toml: cannot be read: no such file or directory"):
        load(tmp_path / "absent.toml")
    with pytest.raises(BadConfig, match="cannot be read: is a directory"):
        load(tmp_path)
    (tmp_path / "latin.toml").write_bytes("# entrée".encode("latin-1"))
    with pytest.raises(BadConfig, match="expected UTF-8, found something else at byte 6"):
        load(tmp_path / "latin.toml")


def test_no_secret_is_repeated_and_none_is_taken(mistakes: Any) -> None:
    told = mistakes(("embedded", "mqtt://gateway:hunter2@broker:1883"))
    assert "hunter2" not in told
    assert told.startswith("mqtt.url: holds a password")
    assert "MOMENTS_MQTT_PASSWORD" in told
    told = mistakes(('url = "embedded"', 'url = "embedded"\npassword = "hunter2"'))
    assert "hunter2" not in told
    assert told.startswith("mqtt.password: unknown key")


TOML = st.recursive(
    st.none().map(lambda _: "x") | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
TABLES = tomllib.loads(VENUE)


def mistakes_in(data: dict[str, Any]) -> tuple[str, ...]:
    """What is said of these tables; empty where they are good."""
    try:
        parse(data)
    except BadConfig as error:
        return error.mistakes or ("refused without a word",)
    return ()


@settings(deadline=None)  # a busy machine is no mistake
@given(table=st.sampled_from([*VenueConfig.model_fields, "other"]), value=TOML)
def test_whatever_stands_in_a_table_is_taken_or_answered_in_words(table: str, value: Any) -> None:
    for mistake in mistakes_in({**TABLES, table: value}):
        assert re.match(r"(?s)[a-z].*: .*(expected|did you mean|holds|reaches|used twice|hears)", mistake)
        assert "Input should" not in mistake


READER_KEYS = ["id", "driver", "link", "role", "zone", "antennas", "rooms", "settings"]
READER_WORDS = st.sampled_from(["m100", "espresense", "inner", "entrance"])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(READER_KEYS), TOML | READER_WORDS))
def test_whatever_a_reader_holds_is_taken_or_answered_in_words(reader: dict[str, Any]) -> None:
    for mistake in mistakes_in({**TABLES, "readers": [reader]}):
        assert mistake.startswith("readers[")
        assert "Input should" not in mistake


# --- secrets ------------------------------------------------------------------------------------------------------


def test_the_brokers_password_comes_from_the_environment_or_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOMENTS_MQTT_PASSWORD", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert mqtt_password() is None
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert mqtt_password() is None
    (tmp_path / "mqtt-password").write_text("from file \n")
    assert mqtt_password() == "from file "
    monkeypatch.setenv("MOMENTS_MQTT_PASSWORD", "from environment")
    assert mqtt_password() == "from environment"


def test_a_credential_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOMENTS_MQTT_PASSWORD", raising=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "mqtt-password").write_bytes(b"\xff\xfe")
    with pytest.raises(BadConfig, match="mqtt-password: the MQTT password cannot be read"):
        mqtt_password()


# --- the files that come with it ----------------------------------------------------------------------------------


def test_the_example_and_the_demo_are_good() -> None:
    assert load(config_folder() / "venue.example.toml").venue.id == "flagship"
    demo = load(config_folder() / "demo.toml")
    assert {reader.driver for reader in demo.readers} == {"m100", "em4100", "espresense"}
    assert {reader.role for reader in demo.readers} == {"outer", "inner", "tap", "zone"}


def every_key(model: type[BaseModel], prefix: str = "") -> set[str]:
    """The path of every key a file may hold."""
    keys = set()
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        below = [
            part for part in [field.annotation, *get_args(field.annotation)]
            for part in [part, *get_args(part)]
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]  # fmt: skip
        keys |= every_key(below[0], path + ".") or {path} if below else {path}
    return keys


def keys_in(value: Any, prefix: str) -> set[str]:
    """The path of every key a file does hold."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {key for each in value for key in keys_in(each, prefix)}
    if not isinstance(value, dict) or prefix.endswith((".antennas", ".rooms", ".settings")):
        return {prefix}
    return {key for name, each in value.items() for key in keys_in(each, f"{prefix}.{name}" if prefix else name)}


def uncommented() -> dict[str, Any]:
    """The example with what is commented out put in force."""
    text = (config_folder() / "venue.example.toml").read_text("utf-8")
    return tomllib.loads(re.sub(r"^# (?=\w+ = |\[)", "", text, flags=re.MULTILINE))


def test_the_example_shows_every_key_and_no_other() -> None:
    known, example = every_key(VenueConfig), keys_in(uncommented(), "")
    assert {"venue.id", "console.tls.cert", "readers.rooms", "presence.linger_s"} <= known
    assert example == known


NOT_DEFAULT = ("tls", "acme", "listen", "trust_page", "unencrypted")


def test_what_the_example_comments_out_is_the_default() -> None:
    shown, defaults = uncommented(), VenueConfig.model_validate({"venue": TABLES["venue"]})
    console = {key: value for key, value in shown["console"].items() if key not in NOT_DEFAULT}
    assert defaults.console.model_dump(include=set(console), mode="json") == console
    for table in ("alerts", "presence", "retention"):
        assert getattr(defaults, table).model_dump(mode="json") == shown[table]


def sample(name: str) -> dict[str, Any]:
    """The tables of one of the demo's files."""
    return tomllib.loads((config_folder() / name).read_text("utf-8"))


def test_the_demos_people_know_each_other_and_the_venue() -> None:
    customers, problems = read_csv((config_folder() / "customers.demo.csv").read_bytes())
    assert problems == []
    assert 6 <= len(customers) <= 8
    staff = {each["id"]: each for each in sample("staff.demo.toml")["staff"]}
    zones = {zone.id for zone in load(config_folder() / "demo.toml").zones}
    assert {role for each in staff.values() for role in each["roles"]} == {"floor", "crew", "manager", "it"}
    assert {zone for each in staff.values() for zone in each["zones"]} <= zones
    assert {each.associate for each in customers} | {each.deputy for each in customers} <= {*staff, None}
    schemes = {identifier.partition(":")[0] for each in customers for identifier in each.identifiers}
    assert schemes == {"epc", "em", "nfc", "ibeacon", "irk", "owntracks"}
    assert {each.language for each in customers} == {"zh-CN", "en"}


def test_what_the_demo_knows_is_about_its_customers_and_in_the_consoles_words() -> None:
    customers = {each.customer for each in read_csv((config_folder() / "customers.demo.csv").read_bytes())[0]}
    staff = {each["id"] for each in sample("staff.demo.toml")["staff"]}
    known = sample("preferences.demo.toml")
    facts, owed, wishes = known["preferences"], known["promises"], known["wishes"]
    assert {row["customer"] for row in [*facts, *owed, *wishes]} <= customers
    assert {row["by"] for row in [*facts, *owed]} | {row["owner"] for row in owed} <= staff
    assert {row["kind"] for row in owed} == {"promise", "complaint"}
    assert {row["category"] for row in facts} <= set(CATEGORIES)
    assert {row["polarity"] for row in facts} == {"do", "avoid", "allergy"}
    assert {row["basis"] for row in facts} == {"stated", "observed", "inferred"}
    assert {row["scope"] for row in facts} <= {"standing", "one_off"}


def test_sample_files_are_open_to_all_and_no_programs() -> None:
    files = [file for file in config_folder().iterdir() if file.is_file()]
    assert len(files) >= 7
    assert all(not file.stat().st_mode & stat.S_IXUSR for file in files)


def test_a_venue_with_a_name_in_one_language_shows_it_in_both() -> None:
    for written, shown in (("en", "Lobby"), ("zh-CN", "大堂")):
        name = {written: shown}
        venue = parse({"venue": {"id": "lobby", "name": name}, "zones": [{"id": "bar", "name": name}]})
        assert venue.venue.name.by_language() == {"zh-CN": shown, "en": shown}
        assert venue.zones[0].name.by_language() == {"zh-CN": shown, "en": shown}
