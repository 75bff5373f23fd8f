"""``moments recovery``, and asking for the recovery key."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import click

from gateway.commands.ending import fail
from gateway.records import recovery, signing, store
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.recovery import NoRecovery, Recovery, WrongRecovery
from gateway.records.restoration import Ask
from gateway.records.seal import KEYS_FILE, Keyring
from gateway.records.signing import Hand

CREDENTIAL = "recovery"
TRIES = 5
COLUMNS = 4
REFUSED = (
    Damaged, DataFolderInUse, DiskFull, NewerSchema, NoRecovery, WrongMasterKey, WrongRecovery, OSError,
)  # fmt: skip
NOT_HERE = (
    "the recovery key is asked for on a terminal, and this is none: give it with --recovery-file FILE, with"
    f" --recovery-file - on standard input, or as the credential {CREDENTIAL!r}; never as an argument"
)


def new(data: Path, *, passphrase: bool, replace: bool, recovery_file: Path | None) -> None:
    """Makes a recovery key for a folder, beside a gateway that runs too, and prints it once."""
    try:
        hand = hand_of(data)
        try:
            before: Recovery | None = recovery.of(data, hand)
        except NoRecovery:
            before = None
        if before is not None and not replace:
            fail(f"there is a recovery key, made {before.made}; --replace makes another, which later copies need")
        chosen = _chosen(recovery_file) if passphrase else None
        made, secret = recovery.make(data, hand, passphrase=chosen)
    except ValueError as short:
        fail(str(short))
    except REFUSED as error:
        fail(str(error))
    if made.kind == "words":
        click.echo(sheet(recovery.in_words(secret), made))
    else:
        click.echo("The passphrase opens every copy that is made from now on. Nobody can tell you what it was.")
    click.echo(f"House {signing.mark(made.house)} · recovery key of {made.made}")
    if before is not None:
        click.echo(f"Copies made before still need the one of {before.made}: keep both.", err=True)


def made_once(data: Path) -> list[str]:
    """Makes the recovery key of a folder that has none; answers its words, none where there is one already."""
    hand = hand_of(data)
    try:
        recovery.of(data, hand)
    except NoRecovery:
        return recovery.in_words(recovery.make(data, hand)[1])
    return []


def show(data: Path) -> None:
    """Says what recovery key a folder has, and how to make, use and try one."""
    try:
        hand = hand_of(data)
        click.echo(f"house {signing.mark(hand.public)}")
        found = recovery.of(data, hand)
    except REFUSED as error:
        fail(str(error))
    what = "24 words on a sheet" if found.kind == "words" else "a passphrase"
    click.echo(f"recovery key: {what}, made {found.made}; it is kept nowhere in this house")
    click.echo("moments recovery check tries it, moments restore asks for it, moments recovery new makes one")


def check(data: Path, recovery_file: Path | None) -> None:
    """Says whether somebody holds the recovery key of a folder."""
    try:
        found = recovery.of(data, hand_of(data))
        asking(recovery_file)(found)
    except REFUSED as error:
        fail(str(error))
    click.echo("this is the recovery key of this house")


def sheet(words: list[str], made: Recovery) -> str:
    """The words, numbered, with a picture of them: what is printed once."""
    import segno  # only where a picture is made

    rows = -(-len(words) // COLUMNS)
    lines = [
        "",
        "RECOVERY KEY: these words open every copy of this house. They are kept nowhere.",
        "恢复密钥：凭这些词可打开本店的所有备份，本机不作保存。",
        "",
    ]
    for row in range(rows):
        cells = [(at, words[at]) for at in range(row, len(words), rows)]
        lines.append("".join(f"  {at + 1:>2} {word:<10}" for at, word in cells).rstrip())
    picture = segno.make(recovery.picture_of(words), error="l", micro=False)
    out = StringIO()
    picture.terminal(out, compact=True, border=2)
    return "\n".join([*lines, "", out.getvalue().rstrip("\n"), ""])


def asking(file: Path | None) -> Ask:
    """Asks whoever runs this command for the recovery key: from a file, a credential, or on the terminal."""

    def ask(of: Recovery) -> bytes:
        given = _given(file)
        if given is not None:
            return of.secret(given)
        if not sys.stdin.isatty():
            raise WrongRecovery(NOT_HERE)
        for left in reversed(range(TRIES)):
            typed = (
                click.prompt(f"The passphrase of the recovery key of {of.made}", hide_input=True, err=True)
                if of.kind == "passphrase"
                else click.prompt(f"The 24 words of the recovery key of {of.made}", err=True)
            )
            try:
                return of.secret(typed)
            except WrongRecovery as wrong:
                if not left:
                    raise
                click.echo(str(wrong), err=True)
        raise AssertionError

    return ask


def given_in(file: Path) -> str:
    """What a file says; ``-`` is standard input."""
    return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")


def _given(file: Path | None) -> str | None:
    if file is not None:
        return given_in(file)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(credentials, CREDENTIAL) if credentials else None
    return path.read_text("utf-8") if path is not None and path.exists() else None


def _chosen(file: Path | None) -> str:
    given = _given(file)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise WrongRecovery(NOT_HERE)
    chosen: str = click.prompt(
        f"A passphrase of {recovery.SHORTEST} characters or more", hide_input=True, confirmation_prompt=True, err=True
    )
    return chosen


def hand_of(data: Path) -> Hand:
    """The hand that signs for a folder; one that is new or of an older program is brought up to date first."""
    if not (data / KEYS_FILE).exists():
        store.Store.open(data, source="").close()
    else:
        with closing(store.reading(data)) as reader:
            reader.keyring.close()
    with closing(Keyring(data, read_only=True)) as keyring:
        return keyring.hand
