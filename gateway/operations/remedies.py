"""What to do about a reader that is not well: a kind that the console says in both languages, and English words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

RULES = "config/99-moments-readers.rules"

# Each kind with what to do, {facts} filled in. The console's en.json says the same; a test compares the two.
WORDS = {
    # what Linux does to serial ports
    "missing": "{link} is not there; there is: {ports}",
    "none_plugged": "no serial adapter is plugged in",
    "brltty_took": "brltty runs and takes USB serial adapters for Braille displays, so that their port vanishes: "
    "sudo apt-get remove brltty, then plug the adapter in again",
    "held": "in use by {holders}: a port has one user at a time; to end it: sudo kill {pids}",
    "held_by_gateway": "the gateway itself has it open, and tells how it is: moments readers; "
    "to check it by hand: sudo systemctl stop moments",
    "only_root": "only root may open it: put {rules} into /etc/udev/rules.d, which gives it to the group dialout",
    "forbidden": "user {user} may not open it: sudo adduser {user} {group}, then sign in again",
    "modem_manager": "ModemManager runs and types modem commands at new ports: put {rules} into /etc/udev/rules.d, "
    "or sudo systemctl disable --now ModemManager",
    "brltty": "brltty runs and may take this adapter ({usb}) for a Braille display: sudo apt-get remove brltty",
    "latency": "its chip gathers bytes for {ms} ms before it hands them on: {rules} sets 1 ms",
    "renamed": '{name} changes with the order of plugging in: write link = "{lasting}"',
    "unnamed": "{name} changes with the order of plugging in: {rules} tells how to name it",
    # what a reader's own reason comes to
    "unplugged": "look at the plug, the cable and the power of the reader; it is taken up again by itself",
    "baud": "set the baud rate that is on the reader's label or in its manual: [readers.settings] baud, "
    "and check that the driver is the right one",
    "silent": "is the reader switched on and its cable in, is it the model that driver names, and on a serial line, "
    "is its baud rate right? Switch it off and on",
    "refused": "something answers at that address, but not the reader's service: is the port right, "
    "and is the service switched on in the reader's own settings?",
    "not_llrp": "something else answers at that address: give the reader's LLRP port in link, which is 5084 "
    "and with TLS 5085 (tls://host), and switch LLRP on in the reader's own settings",
    "acl": "let this user read the reader's topics: the broker's own list of who may read what (acl_file of mosquitto)",
    "unreachable": "is the reader switched on, is its network cable in, and is the address right? Try: ping {host}",
    "other_client": "another program is connected to the reader, and it speaks to one at a time: end the other one",
    "antenna": "look at the antenna's cable and plug; a port without an antenna belongs out of antennas",
    "login": "the broker refuses the user or the password: see MOMENTS_MQTT_PASSWORD or the credential mqtt-password",
    "certificate": "this machine does not trust the certificate: add its CA, or use the name that stands in it",
    "broker": "the broker is not there: see the line of the broker",
    "broker_down": "the broker does not answer: is it running (systemctl status mosquitto), and is [mqtt] url right?",
    "mosquitto": "install the broker: sudo apt-get install mosquitto",
    "no_message": "does the reader publish to this broker, is its topic the link in venue.toml, "
    "and may our user read it (acl_file of mosquitto)?",
    "room": "is the node in that room powered and on the Wi-Fi? It is heard again by itself",
    "region": "set the region that is allowed here: [readers.settings] region",
    "hot": "give it air, or lower its power: [readers.settings] power_dbm",
    "blind": "stand at the door: is its antenna covered or turned away, is its cable loose, or was the fixed tag taken"
    " away? Put it back, or take canary out of venue.toml",
    # what it hears, against what it heard
    "learnt_anew": "it hears {db} dB against what it did: was it moved, turned or replaced? "
    "What it hears in each zone is being learnt anew, from the next greetings",
    "drifted": "it hears {db} dB against what it used to: look at its antenna and cable, and at what stands before it",
    # what else may be wrong with a house
    "helper": "a button does this once the helper is installed: systemd/README.md, step 4",
    "ntp": "sudo timedatectl set-ntp true, or sudo apt-get install systemd-timesyncd; on a network of its own, name"
    " a time server of the house in /etc/systemd/timesyncd.conf",
    "make_room": "{folder} takes {mb} MB: move copies and other files off this disk, keep fewer copies"
    " ([backup] keep), or put in a larger disk",
    "copies": "name a folder on another disk, and how often: [backup] to and every_hours",
    "given_certificate": "renew it with whoever gave it, and put it in place of {cert}: it is taken up within a minute",
    "own_certificate": "it is renewed by itself; if it was not, see the log of the house: journalctl -u moments",
    "acme": "it is asked for anew by itself; if it was not, see what the authority answers: journalctl -u moments",
    "rotate_ca": "sudo moments-admin keys rotate ca, then have every tablet trust the new authority",
    "of_tablet": "look for it; a tablet that is let go can be paired anew at any time",
    "of_mute_phone": "give them a keychain: it is heard while the phone sleeps",
    "of_disk_refuses": "make room, or mount the disk for writing again; the house goes on in memory and writes all of"
    " it down once the disk takes it",
    "of_disk_slow": "is it a card at its end, or a network folder that is away? sudo dmesg --level=err",
    "of_records_damaged": "bring back a copy: stop the service, then sudo moments-admin restore FOLDER --force",
    "of_copy_old": "is the folder there, is its disk mounted, and is there room on it?",
    "of_mqtt_lost": "let nodes send less often, or only what is near; see benchmarks/README.md for how many one takes",
    "of_webhook_waits": "is its receiver up, and is the address right? What waits is sent by itself once it answers",
    "of_webhook_ended": "give it another address in [[webhooks]], or take it out; then start the service anew",
    "of_clock_jumped": "if the time is right now, nothing is to be done",
    "of_broker_down": "is it running (systemctl status mosquitto), and is [mqtt] url right?",
    "of_broker_silent": "start it anew: sudo systemctl restart mosquitto, or moments where the broker is its own",
    "of_erasures_unkept": "is the folder there, is its disk mounted, and may the service write to it?",
    "of_tablet_owed": "start the service anew: sudo systemctl restart moments; if it comes again, keep the log",
    "of_limit": "see who it was, under Admin, Security",
    "of_programs_old": "make new tokens that say what each may, and end these",
}

# The first row that a reason fits says what it comes to.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        ("blind", r"^blind: "),
        ("not_llrp", r"speaks no LLRP"),
        ("baud", r"no valid frame|none a good frame: is the baud"),
        ("acl", r"may this user read|does not let us listen"),
        ("mosquitto", r"apt-get install mosquitto"),
        ("other_client", r"another program is connected|another connection"),
        ("region", r"no region is set"),
        ("hot", r"^too hot"),
        ("antenna", r"antenna"),
        ("login", r"user name or password|not authori[sz]ed"),
        ("certificate", r"certificate|does not speak TLS"),
        ("unplugged", r"was unplugged|was lost|ended its stream"),
        ("unreachable", r"no way to|no such host|\S+[.:]\S* does not answer$"),
        ("refused", r"connection refused|closed the connection|is it an LLRP reader"),
        ("broker", r"not connected to|no broker"),
        ("room", r"is offline|nothing from .+ for \d+ s$"),
        ("no_message", r"no node has spoken|no heartbeat|no message"),
        ("silent", r"does not answer|stopped answering|no answer within|not even a keep-alive|no frame of any kind"),
    )
)


@dataclass(slots=True, frozen=True)
class Remedy:
    """One thing to do: its kind, and the facts that its words name."""

    kind: str
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return WORDS[self.kind].format(**self.facts)

    def shape(self) -> dict[str, object]:
        """As JSON, with the English words for programs."""
        return {"kind": self.kind, "facts": self.facts, "text": str(self)}


def of_reason(over: str, link: str, reason: str | None) -> list[Remedy]:
    """What to do about a reader's reason for being lost or quiet; empty where the reason says that itself."""
    kind = next((kind for kind, words in KINDS if words.search(reason)), None) if reason else None
    if kind is None:
        return []
    if over == "mqtt" and kind in ("refused", "unreachable", "silent"):  # what refuses is the broker, not the reader
        return [Remedy("broker_down")]
    return [Remedy(kind, {"host": host_of(link)} if kind == "unreachable" else {})]


def of_hearing(changed: float | None, drift: float | None) -> list[Remedy]:
    """What to do about a reader that hears so many dB otherwise, by what staff taught, or by who stays in a zone."""
    if changed is not None:
        return [Remedy("learnt_anew", {"db": f"{changed:+.0f}"})]
    return [Remedy("drifted", {"db": f"{drift:+.0f}"})] if drift is not None else []


def host_of(link: str) -> str:
    """The host of a network link, as ``ping`` takes it."""
    bare = (link.partition("://")[2] or link).rpartition("@")[2].partition("/")[0]
    return (bare.rpartition(":")[0] if re.search(r":\d+$", bare) else bare).strip("[]")
