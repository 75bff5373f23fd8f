"""The command line: what each command takes; what it does is in ``gateway.commands``, imported when it is asked for."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import IO

import click

from gateway import __version__
from gateway.cli_club import club
from gateway.cli_config import config as config_file
from gateway.cli_consents import consent, notice
from gateway.cli_doors import reader, tls
from gateway.cli_explain import explain
from gateway.cli_hub import hub
from gateway.cli_insight import insight
from gateway.cli_join import JOINING
from gateway.cli_journal import journal
from gateway.cli_keeping import KEEPING
from gateway.cli_keys import keys
from gateway.cli_known import catalogue, preferences
from gateway.cli_options import CONFIG, DATA, seconds
from gateway.cli_persons import of_one
from gateway.cli_privacy import privacy
from gateway.cli_programs import break_glass, token
from gateway.cli_proofs import receipt
from gateway.cli_readers import readers
from gateway.cli_retention import retention
from gateway.cli_secrets import PIN, PIN_FILE
from gateway.cli_setup import LISTEN, setup
from gateway.cli_standby import STANDBY
from gateway.commands.console_log import set_up_logging


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="moments")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Logs go to stderr.")
@click.option("--verbose", "-v", is_flag=True, help="Log more.")
def main(log_format: str, verbose: bool) -> None:
    """In-venue recognition of key customers: who arrived, and what matters about them, on the right tablet."""
    set_up_logging(log_format, verbose=verbose)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The console's port.")
@PIN
@PIN_FILE
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the data here, not in a temporary folder."
)
@click.option("--quiet-venue", is_flag=True, help="Nobody comes by themselves: drive the simulated readers yourself.")
@click.option("--reader", "readers", multiple=True, metavar="ID=DRIVER", help="Another driver: door=thingmagic.")
@click.option("--venues", type=click.IntRange(1, 3), default=1, help="2 or 3: venues of one house, with its hub.")
@click.option("--postgres", is_flag=True, help="With --venues: the hub keeps its rows in a PostgreSQL of its own.")
@click.option("--one-of", type=click.Path(path_type=Path, dir_okay=False, exists=True), hidden=True)
def demo(
    port: int,
    pin: str | None,
    data: Path | None,
    quiet_venue: bool,
    readers: tuple[str, ...],
    venues: int,
    postgres: bool,
    one_of: Path | None,
) -> None:
    """The whole product on this machine, with simulated readers that speak their real protocols."""
    if postgres and venues == 1:
        raise click.UsageError("--postgres is where a hub keeps its rows: say --venues 2 or 3 as well")
    if one_of is not None or venues > 1:
        from gateway.commands import demo_house

        if readers:
            raise click.UsageError("--reader changes the readers of one venue: leave --venues out")
        if one_of is not None:
            demo_house.run_one(one_of, pin or "", lively=not quiet_venue)
        else:
            demo_house.run(venues, port, pin, data, lively=not quiet_venue, postgres=postgres)
        return
    from gateway.commands.demo import run

    run(port, pin, data, readers, lively=not quiet_venue)


@main.command()
@CONFIG
@DATA
@LISTEN
def serve(config: Path, data: Path, listen: str | None) -> None:
    """The gateway; on a machine that is no house yet a page first, on which it becomes one."""
    gc.disable()  # until the doors are open: what a start makes stays
    from gateway.commands.serve import run

    run(config, data, listen)


@main.command()
@CONFIG
@DATA
@click.option("--seconds", default=3.0, show_default=True, callback=seconds, help="How long to listen to each reader.")
def check(config: Path, data: Path, seconds: float) -> None:
    """Checks settings, secrets and doors, opens every reader and the broker; exit 0 only if all is well."""
    from gateway.commands.check import run

    run(config, data, seconds)


@main.command("walk-test")
@CONFIG
@DATA
@click.option("--tag", help="The test tag, scheme:value; the one held closest at first where it is left out.")
@click.option("--seconds", default=600.0, show_default=True, callback=seconds, help="How long the walk may take.")
@click.option("--teach", is_flag=True, help="Learn the zones as well: type a zone and Enter while you stand in it.")
def walk_test(config: Path, data: Path, tag: str | None, seconds: float, teach: bool) -> None:
    """Walk with a test tag: every door and zone passes or fails; exit 0 only if all passed."""
    from gateway.commands.walk_test import run

    run(config, data, tag, seconds, teach=teach)


@main.group()
def staff() -> None:
    """Who works here."""


@staff.command("add")
@click.argument("id_", metavar="ID")
@click.option("--name", help="As colleagues see it; the id where it is left out.")
@click.option("--role", "roles", multiple=True, type=click.Choice(["floor", "crew", "manager", "it"]), required=True)
@click.option("--zone", "zones", multiple=True, help="Where they look after people; everywhere where it is left out.")
@click.option("--language", "languages", multiple=True, help="A tag such as en or zh-CN.")
@PIN
@PIN_FILE
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


def _file_of(name: str, kind: str, says: str, does: str) -> None:
    """The commands ``moments NAME import``: a file of this ``kind``, as the gateway calls it."""

    @main.group(name, help=says)
    def group() -> None: ...

    @group.command("import", help=does)
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
    @CONFIG
    @DATA
    @click.option("--partial", is_flag=True, help="Import the good rows even where others are bad.")
    def bring(file: Path, config: Path, data: Path, partial: bool) -> None:
        from gateway.commands.files import import_file

        import_file(kind, file, data, config, partial=partial)


for _of in (
    ("places", "places", "Places beside those of venue.toml.", "Imports places (place,zone,kind,seats)."),
    ("expected", "expected", "Who is expected.", "Imports who is expected (customer,place,from,until,note)."),
    (
        "menu", "menus", "What there is.",
        "Imports menus (menu,item,zh-CN,en,allergens,may_contain,ingredients,stock); allergens: - is none.",
    ),
):  # fmt: skip
    _file_of(*_of)


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
@click.option("--seconds", type=float, callback=seconds, help="How long; until Ctrl-C where it is left out.")
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


@tablet.command("list")
@DATA
def tablet_list(data: Path) -> None:
    """The tablets that are paired, and those that were let go: when they were seen, and whether they are empty."""
    from gateway.commands.tablet import listed

    listed(data)


@tablet.command("lost")
@click.argument("name")
@DATA
def tablet_lost(name: str, data: Path) -> None:
    """Lets a lost tablet go, by its name or id: it wipes itself when it is heard, and a notice's draft names it."""
    from gateway.commands.tablet import lost

    lost(name, data)


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


of_one(customers)
for _group in (
    journal, preferences, catalogue, tls, reader, receipt, keys, token, break_glass, consent, notice, privacy,
    retention, explain, hub, insight, club, setup, readers, config_file,
    *KEEPING,
    *JOINING,
    *STANDBY,
):  # fmt: skip
    main.add_command(_group)


if __name__ == "__main__":
    main()
