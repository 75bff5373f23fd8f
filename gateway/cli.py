"""The command line: what each command takes; what it does is in ``gateway.commands``, imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from gateway import __version__
from gateway.commands.console_log import set_up_logging

LONGEST = 10_000_000.0  # seconds that anything is waited for: four months
CONFIG = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("/etc/moments/venue.toml"),
    show_default=True,
    envvar="MOMENTS_CONFIG",
    help="The venue's settings.",
)
DATA = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/var/lib/moments"),
    show_default=True,
    envvar="MOMENTS_DATA",
    help="The data folder.",
)


def _seconds(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 <= value <= LONGEST:
        raise click.BadParameter(f"expected 0 to {LONGEST:g} seconds")
    return value


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="moments")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Logs go to stderr.")
@click.option("--verbose", "-v", is_flag=True, help="Log more.")
def main(log_format: str, verbose: bool) -> None:
    """In-venue recognition of key customers: who arrived, and what matters about them, on the right tablet."""
    set_up_logging(log_format, verbose=verbose)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The console's port.")
@click.option("--pin", help="The PIN of every member of staff; made at random where it is left out.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the data here, not in a temporary folder."
)
@click.option("--quiet-venue", is_flag=True, help="Nobody comes by themselves: drive the simulated readers yourself.")
@click.option("--reader", "readers", multiple=True, metavar="ID=DRIVER", help="Another driver: door=thingmagic.")
def demo(port: int, pin: str | None, data: Path | None, quiet_venue: bool, readers: tuple[str, ...]) -> None:
    """The whole product on this machine, with simulated readers that speak their real protocols."""
    from gateway.commands.demo import run

    run(port, pin, data, readers, lively=not quiet_venue)


@main.command()
@CONFIG
@DATA
def serve(config: Path, data: Path) -> None:
    """The gateway."""
    from gateway.commands.serve import run

    run(config, data)


@main.command()
@CONFIG
@click.option("--seconds", default=3.0, show_default=True, callback=_seconds, help="How long to listen to each reader.")
def check(config: Path, seconds: float) -> None:
    """Checks the settings, opens every reader and the broker, says what it found; exit 0 only if all is well."""
    from gateway.commands.check import run

    run(config, seconds)


@main.command()
@CONFIG
@DATA
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--raw", metavar="READER", help="What this reader sends, as it comes; identifiers are masked.")
def readers(config: Path, data: Path, watch: bool, raw: str | None) -> None:
    """Every reader: firmware, reads a second, last sighting and its strength, what was rejected, quiet or lost."""
    from gateway.commands.readers import run

    run(config, data, watch=watch, raw=raw)


@main.command("walk-test")
@CONFIG
@DATA
@click.option("--tag", help="The test tag, scheme:value; the one held closest at first where it is left out.")
@click.option("--seconds", default=600.0, show_default=True, callback=_seconds, help="How long the walk may take.")
@click.option("--teach", is_flag=True, help="Learn the zones as well: type a zone and Enter while you stand in it.")
def walk_test(config: Path, data: Path, tag: str | None, seconds: float, teach: bool) -> None:
    """Walk with a test tag: every door and zone passes or fails; exit 0 only if all passed."""
    from gateway.commands.walk_test import run

    run(config, data, tag, seconds, teach=teach)


@main.group(invoke_without_command=True)
@click.option("--role", type=click.Choice(["floor", "crew", "manager", "it", "integration"]))
@click.option("--staff", help="The token is this person's: a program that holds it counts as their live tablet.")
@DATA
@click.pass_context
def token(context: click.Context, role: str | None, staff: str | None, data: Path) -> None:
    """Prints a bearer token for the API; only its hash is kept."""
    from gateway.commands.token import run

    if context.invoked_subcommand is not None:
        return
    if role is None:
        raise click.UsageError("Missing option '--role'.")
    run(role, staff, data)


@token.command("list")
@DATA
def token_list(data: Path) -> None:
    """The tokens that are good: id, role, whose, since when."""
    from gateway.commands.token import listed

    listed(data)


@token.command("revoke")
@click.argument("id_", metavar="ID")
@DATA
def token_revoke(id_: str, data: Path) -> None:
    """Ends a token at once, and the sockets that it opened."""
    from gateway.commands.token import revoke

    revoke(id_, data)


@main.group()
def staff() -> None:
    """Who works here."""


@staff.command("add")
@click.argument("id_", metavar="ID")
@click.option("--name", help="As colleagues see it; the id where it is left out.")
@click.option("--role", "roles", multiple=True, type=click.Choice(["floor", "crew", "manager", "it"]), required=True)
@click.option("--zone", "zones", multiple=True, help="Where they look after people; everywhere where it is left out.")
@click.option("--language", "languages", multiple=True, help="A tag such as en or zh-CN.")
@click.option("--pin", help="4 to 12 digits; made at random where it is left out.")
@DATA
def staff_add(
    id_: str,
    name: str | None,
    roles: tuple[str, ...],
    zones: tuple[str, ...],
    languages: tuple[str, ...],
    pin: str | None,
    data: Path,
) -> None:
    """Makes a member of staff, or changes one, and prints the PIN; a tablet asks for it."""
    from gateway.commands.staff import add

    add(data, id_, name, list(roles), list(zones), list(languages), pin)


@main.group()
def customers() -> None:
    """Customers from and to CSV files."""


@customers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@CONFIG
@DATA
@click.option("--partial", is_flag=True, help="Import the good rows even where others are bad.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--map",
    "columns",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A TOML file that names the columns of another program's export.",
)
def import_(file: Path, config: Path, data: Path, partial: bool, dry_run: bool, columns: Path | None) -> None:
    """Imports people, credentials and consents; every bad row is named by line and reason."""
    from gateway.commands.customers import import_file

    import_file(file, data, config, partial=partial, dry_run=dry_run, columns=columns)


@customers.command("export")
@CONFIG
@DATA
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
def export(config: Path, data: Path, out: Path | None) -> None:
    """Writes all customers as CSV; the file holds personal data and identifiers in clear."""
    from gateway.commands.customers import export_file

    export_file(data, config, out)


@main.command()
@click.option("--driver", required=True, help="The name of a driver.")
@click.option("--topic", help="MQTT: the topic the payload came on.")
@click.option("--settings", default="{}", help="The driver's settings as JSON.")
@click.argument("file", type=click.File("rb"), default="-")
def decode(driver: str, topic: str | None, settings: str, file: IO[bytes]) -> None:
    """What do these bytes mean? Serial and TCP: lines of hex; MQTT: the file is one payload."""
    from gateway.commands.decode import run

    run(driver, topic, settings, file)


@main.command()
@CONFIG
@DATA
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="*.jsonl or *.jsonl.gz")
@click.option("--seconds", type=float, callback=_seconds, help="How long; until Ctrl-C where it is left out.")
def record(config: Path, data: Path, out: Path, seconds: float | None) -> None:
    """Records what the venue's readers hear, identifiers as keyed hashes."""
    from gateway.commands.record import run

    run(config, data, out, seconds)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
def replay(files: tuple[Path, ...]) -> None:
    """Plays recordings through recognition as fast as it can; one JSON line for each event."""
    from gateway.commands.recordings import replay as run

    run(files)


@main.command()
@click.argument("scenario", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--seed",
    type=click.IntRange(-(2**63), 2**63),
    default=1,
    show_default=True,
    help="The same seed gives the same recording.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="*.jsonl or *.jsonl.gz")
def simulate(scenario: Path, seed: int, out: Path) -> None:
    """Writes a recording with truth: people who walk and sit in a venue of rooms, doors and readers."""
    from gateway.commands.recordings import simulate as run

    run(scenario, seed, out)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
def score(files: tuple[Path, ...]) -> None:
    """Replays recordings that hold the truth: accuracy, lag and false changes, with intervals."""
    from gateway.commands.recordings import score as run

    run(files)


@main.group()
def tablet() -> None:
    """The devices that people sign in on."""


@tablet.command("pair")
@click.argument("name")
@DATA
def tablet_pair(name: str, data: Path) -> None:
    """A link, and a picture of it, that pairs one tablet within ten minutes; NAME is what IT will know it by."""
    from gateway.commands.tablet import pair

    pair(name, data)


@main.group()
def learnt() -> None:
    """What the venue has learnt of its rooms, from what staff do with cards."""


@learnt.command("show")
@DATA
def learnt_show(data: Path) -> None:
    """How often each zone was right, which zones are taken for each other, and which readers hear otherwise."""
    from gateway.commands.learnt import show

    show(data)


@learnt.command("export")
@DATA
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
def learnt_export(data: Path, out: Path | None) -> None:
    """Writes it as JSON, to be kept with the venue's settings; it holds nothing personal."""
    from gateway.commands.learnt import export_file

    export_file(data, out)


@learnt.command("import")
@CONFIG
@DATA
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def learnt_import(config: Path, data: Path, file: Path) -> None:
    """Takes such a file in, in place of what was learnt; exit 2 and why where it is not of this venue."""
    from gateway.commands.learnt import import_file

    import_file(config, data, file)


@main.group()
def journal() -> None:
    """The record of what happened."""


@journal.command("verify")
@click.option("--head", metavar="HEX", help="A head that was kept elsewhere, from the log: is it still in the chain?")
@DATA
def journal_verify(head: str | None, data: Path) -> None:
    """Walks the chain of hashes, beside a gateway that runs too; exit 0 only if nothing was changed or cut out."""
    from gateway.commands.journal import verify

    verify(data, head)


@journal.command("rebuild")
@click.option("--check", is_flag=True, help="Only compare, beside a gateway that runs too; exit 0 only if equal.")
@DATA
def journal_rebuild(check: bool, data: Path) -> None:
    """Makes the tables anew from the journal, and puts them in place of those there."""
    from gateway.commands.journal import rebuild

    rebuild(data, check=check)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@DATA
@click.option("--keep", default=7, type=click.IntRange(1, 100_000), show_default=True, help="How many copies stay.")
def backup(folder: Path, data: Path, keep: int) -> None:
    """A consistent copy of a live database."""
    from gateway.commands.backup import back_up

    back_up(folder, data, keep)


@main.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@DATA
@click.option("--force", is_flag=True, help="Replace what is in the data folder; it is set aside first.")
def restore(source: Path, data: Path, force: bool) -> None:
    """Brings a backup back into an empty data folder."""
    from gateway.commands.backup import bring_back

    bring_back(source, data, force=force)


if __name__ == "__main__":
    main()
