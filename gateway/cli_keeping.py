"""The command line: copies, the key that opens them elsewhere, and what is erased for good."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
RECOVERY_FILE = click.option(
    "--recovery-file",
    type=_FILE,
    help="A file that holds the words or the passphrase, - for standard input; asked for on the terminal otherwise.",
)
LISTS = click.option(
    "--erasures",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A newer list of erasures (erasures.jsonl) than lies beside the copy; may be given several times.",
)


class _Backup(click.Group):
    """A group that takes a folder for a command: ``moments backup FOLDER`` is what it is for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the command that makes a copy before whatever names none."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["into", *args])


@click.group(cls=_Backup)
def backup() -> None:
    """A copy of a live database (moments backup FOLDER), and whether copies are good (moments backup verify FOLDER)."""


@backup.command("verify")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@DATA
@click.option("--all", "every", is_flag=True, help="Every copy there, and not the newest alone.")
def verify(folder: Path, data: Path, every: bool) -> None:
    """Brings a copy back on trial, beside a gateway that runs too; exits 1 where one is not good."""
    from gateway.commands.backup import check

    check(folder, data, every=every)


@backup.command("into")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@DATA
@click.option("--keep", default=7, type=click.IntRange(1, 100_000), show_default=True, help="How many copies stay.")
def into(folder: Path, data: Path, keep: int) -> None:
    """A consistent copy of a live database; it opens elsewhere with the recovery key alone."""
    from gateway.commands.backup import back_up

    back_up(folder, data, keep)


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--from-hub", nargs=2, metavar="URL CODE", help="Joins the hub anew, which gives back what was recorded since."
)
@CONFIG
@DATA
@click.option("--force", is_flag=True, help="Replace what is in the data folder; it is set aside first.")
@click.option("--broken", is_flag=True, help="Take the newest copy, even one whose files were damaged.")
@LISTS
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The receipt of an erasure, as JSON: the lists must reach beyond it.",
)
@RECOVERY_FILE
@click.option("--keep-tokens", is_flag=True, help="Tokens of programs stay, those that the journal knows.")
def restore(
    source: Path | None,
    from_hub: tuple[str, str] | None,
    config: Path,
    data: Path,
    force: bool,
    broken: bool,
    erasures: tuple[Path, ...],
    receipts: tuple[Path, ...],
    recovery_file: Path | None,
    keep_tokens: bool,
) -> None:
    """Brings a backup back into an empty data folder; asks for the recovery key where the master key is not here.

    With --from-hub SOURCE may be left out where the data folder holds records, or the master key of the box that burnt.
    """
    from gateway.commands.backup import bring_back

    if source is None and from_hub is None:
        raise click.UsageError("Missing argument 'SOURCE': a copy, or a folder of copies.")
    if source is not None:
        bring_back(
            source, data, force=force, broken=broken, erasures=erasures, receipts=receipts,
            recovery_file=recovery_file, keep_tokens=keep_tokens,
        )  # fmt: skip
    if from_hub is not None:
        from gateway.commands.join import back_from

        back_from(config, data, *from_hub)


@click.group()
def recovery() -> None:
    """The key that opens copies on another machine; it lies in no copy and is kept nowhere."""


@recovery.command("new")
@DATA
@click.option("--passphrase", is_flag=True, help="A passphrase of your own instead of 24 words.")
@click.option("--replace", is_flag=True, help="Another in place of the one there is; copies made from now on need it.")
@RECOVERY_FILE
def recovery_new(data: Path, passphrase: bool, replace: bool, recovery_file: Path | None) -> None:
    """Makes one and prints it once, as words and as a picture: write it down and lock it away."""
    from gateway.commands.recovery import new

    new(data, passphrase=passphrase, replace=replace, recovery_file=recovery_file)


@recovery.command("show")
@DATA
def recovery_show(data: Path) -> None:
    """Whether there is one, since when, and how the key that signs for this house is to be recognised."""
    from gateway.commands.recovery import show

    show(data)


@recovery.command("check")
@DATA
@RECOVERY_FILE
def recovery_check(data: Path, recovery_file: Path | None) -> None:
    """Whether what is on the sheet is the recovery key of this house; exit 0 only if it is."""
    from gateway.commands.recovery import check

    check(data, recovery_file)


@click.group()
def erasures() -> None:
    """Who was erased where, and the list of destroyed keys that outlives every copy."""


@erasures.command("list")
@DATA
def erasures_list(data: Path) -> None:
    """Every erasure and each place that has answered or not; exit 0 only if all have."""
    from gateway.commands.erasures import listed

    listed(data)


@erasures.command("verify")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@DATA
def erasures_verify(files: tuple[Path, ...], data: Path) -> None:
    """Walks the folder's list of erasures, or these; exit 0 only if this house wrote every line."""
    from gateway.commands.erasures import verify

    verify(data, files)


@erasures.command("merge")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@DATA
def erasures_merge(files: tuple[Path, ...], data: Path) -> None:
    """Unites lists with the house's and erases whomever they name; a fresh one ends a quarantine."""
    from gateway.commands.erasures import merge

    merge(data, files)


@erasures.command("sign")
@click.argument("people", nargs=2, metavar="MANAGER MANAGER")
@click.option("--reason", required=True, help="Why they know that nobody was erased since, in 20 characters or more.")
@click.option("--pins", type=_FILE, help="A file with both PINs, one a line, - for standard input.")
@DATA
def erasures_sign(people: tuple[str, str], reason: str, pins: Path | None, data: Path) -> None:
    """Two managers sign that nobody was erased since the copy was made: the quarantine ends."""
    from gateway.commands.erasures import sign

    sign(data, people, reason, pins)


KEEPING = (backup, restore, recovery, erasures)
