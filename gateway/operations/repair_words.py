"""What may be wrong with a house: a kind that the console says in both languages, and English words."""

from __future__ import annotations

import re

# Each kind with what it is and what it costs, {facts} filled in. The console's en.json says the same; a test compares.
WORDS: dict[str, tuple[str, str]] = {
    # readers
    "reader_lost": ("{reader} is not reached", "whoever comes by it is not seen"),
    "reader_quiet": ("{reader} is connected and hears nothing", "whoever comes by it is not seen"),
    "door_blind": ("{reader} is blind: the tag that is fixed there is not read", "whoever comes by it is not seen"),
    "reader_port": (
        "{reader} works, but something on this machine is in its way",
        "it is slow, or is not found again once it is plugged in anew",
    ),
    "antenna_lost": ("{reader} hears {db} dB less than it did", "guests are seen late there, or in the wrong zone"),
    "antenna_other": (
        "{reader} hears {db} dB more than it did",
        "guests may be taken to be there who are next door",
    ),
    "broker_down": ("the MQTT broker is {state}", "readers that publish over MQTT are not heard"),
    "broker_silent": (
        "the MQTT broker is connected and has said nothing for {seconds} s",
        "readers that publish over MQTT may not be heard",
    ),
    "mqtt_lost": ("more MQTT messages come than can be read: {how}", "some reads are missing"),
    # records
    "disk_refuses": (
        "nothing can be written down: {fault}",
        "what staff record is held in memory, and is gone if the power goes",
    ),
    "disk_slow": ("the disk has taken nothing for {seconds} s", "what staff record waits, and tablets say so"),
    "disk_fills": (
        "the disk of the records has {free} MB of {size} MB left",
        "once it is full nothing more can be recorded",
    ),
    "records_damaged": ("{what}", "what stood there is not shown until it is there again"),
    "copy_old": ("{folder} has {age}", "what was recorded since is gone if this disk fails"),
    "copy_none": ("there is no copy of the records of the last two days", "all of it is gone if this disk fails"),
    "erasures_unkept": (
        "the list of erasures is not kept in {folder}",
        "a copy brought back from there could bring back somebody who was erased",
    ),
    # time and certificates
    "clock_alone": (
        "no time server keeps this machine's clock",
        "times in the records drift, and what is to be deleted stays until somebody vouches for the clock",
    ),
    "clock_jumped": ("{what}", "nothing is deleted or runs out until the clock has run steadily for a while"),
    "nothing_deleted": ("{what}", "what should be deleted by now is kept"),
    "certificate": (
        "the certificate that tablets are shown runs out on {day}",
        "from that day on no tablet connects, and all of them are blind",
    ),
    "certificate_over": (
        "the certificate that tablets are shown ran out on {day}",
        "no tablet connects: all of them are blind",
    ),
    "authority": ("{what}", "tablets refuse the house, or will from that day on"),
    # tablets and people
    "tablet_unseen": (
        "nobody has used the tablet {name} for {days} days",
        "whoever finds it needs nothing but a PIN",
    ),
    "tablet_owed": (
        "a tablet has been owed what happens for {seconds} s",
        "whoever holds it sees what was, and not what is",
    ),
    "mute_phone": (
        "the phone of {name} is silent whenever it is locked",
        "they are recognised late, or not at all, and are taken to have left",
    ),
    "programs_old": ("{what}", "they are turned away from that day on"),
    "limit": ("a limit is reached: {what}", "whoever it was has to wait; a fault of a program, or an attack"),
    # others
    "webhook_waits": ("webhook {name} does not take what it is sent", "{count} events wait for it"),
    "webhook_ended": ("webhook {name} answered that it is gone", "it is sent nothing more"),
    "other": ("{what}", "see the log of the house"),
}

# What /health says, and which kind that is; the first row that fits. Readers and the disk's room have their own.
SENTENCES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words))
    for kind, words in (
        ("", r"^\S+ is (lost|quiet)$"),
        ("", r"^the disk of the records has \d+ MB left$"),
        ("broker_silent", r"^the MQTT broker is connected and has said nothing for (?P<seconds>\d+) s$"),
        ("broker_down", r"^the MQTT broker is (?P<state>.+)$"),
        ("mqtt_lost", r"^more MQTT messages come than can be read: (?P<how>.+)$"),
        ("disk_refuses", r"^nothing can be written down(?:: (?P<fault>the disk .+))?$"),
        ("disk_slow", r"^nothing has been written down for (?P<seconds>\d+) s"),
        ("tablet_owed", r"^a tablet has been owed what happens for (?P<seconds>\d+) s$"),
        ("copy_old", r"^(?P<folder>/.*): (?P<age>no good copy(?: for [^(]+)?)(?: \((?P<why>.*)\))?$"),
        ("clock_jumped", r"^(?P<what>the clock .+); nothing is deleted or runs out by it until"),
        ("limit", r"^a limit is reached: (?P<what>.+)$"),
        ("records_damaged", r"^(?P<what>\d+ damaged records? (?:is|are) set aside .+|the database file is damaged.*)$"),
        ("webhook_ended", r"^webhook (?P<name>\S+): its receiver answered 410 Gone"),
        ("webhook_waits", r"^webhook (?P<name>[^:]+): (?P<why>.+); events wait: (?P<count>\d+)$"),
        ("erasures_unkept", r"^the list of erasures is not kept in (?P<folder>[^:]+): (?P<why>.+)$"),
        ("programs_old", r"^(?P<what>\d+ programs? (?:is|are) from before tokens had an end.+)$"),
    )
)


def of_sentence(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The kind of what ``/health`` says, and its facts, ``why`` among them; None for what another row says better."""
    for kind, words in SENTENCES:
        if (found := words.search(sentence)) is not None:
            facts = {name: value.strip() for name, value in found.groupdict("").items()}
            if "fault" in facts:
                facts["fault"] = facts["fault"] or "the disk fails"
            return (kind, facts) if kind else None
    return "other", {"what": sentence}
