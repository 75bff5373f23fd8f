"""The command line: what a privacy officer asks of a house."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli_options import CONFIG, DATA

OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="An HTML file to print, not text.")
SINCE = "A day or a time, of the venue's calendar."


@click.group()
def privacy() -> None:
    """The papers of a house, the forty checks, and the draft of a notice."""


def _paper(kind: str, does: str) -> None:
    @privacy.command(kind, help=does)
    @CONFIG
    @DATA
    @OUT
    @click.option("--file", "filing", is_flag=True, help="Note in the journal that this one hangs, or is filed.")
    @click.option("--check", metavar="FILE|CODE", help="Is this one of today's settings? Exit 1 if not.")
    def command(config: Path, data: Path, out: Path | None, check: str | None, filing: bool) -> None:
        from gateway.commands.privacy import paper

        paper(kind, config, data, out, check, filing=filing)


for _kind, _does in (
    ("sign", "The sign for the door, in every language of the house."),
    ("dpia", "The assessment of what recognising people may do to them (GDPR Art. 35, PIPL Art. 55)."),
    ("register", "The record of processing activities (GDPR Art. 30)."),
):
    _paper(_kind, _does)


@privacy.command()
@CONFIG
@DATA
@click.option("--only", multiple=True, type=click.IntRange(1, 40), metavar="N", help="One check; may be given again.")
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), default="text", show_default=True)
@click.option("--from", "since", metavar="DAY", help=f"{SINCE} 400 days ago where it is left out.")
@click.option("--until", metavar="DAY", help=f"{SINCE} Now where it is left out.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file of yours alone.")
@click.option("--language", type=click.Choice(["zh-CN", "en"]), default="en", show_default=True)
def report(
    config: Path, data: Path, only: tuple[int, ...], form: str, since: str | None, until: str | None,
    out: Path | None, language: str,
) -> None:  # fmt: skip
    """The forty checks, each with its evidence; exit 0 only if none failed. Runs beside a gateway that serves."""
    from gateway.commands.privacy import report as run

    run(config, data, only, form, since, until, out, "zh-CN" if language == "zh-CN" else "en")


@privacy.command()
@CONFIG
@DATA
@click.option("--from", "since", required=True, metavar="TIME", help=SINCE)
@click.option("--until", required=True, metavar="TIME", help=SINCE)
@click.option("--lost", metavar="tablet:ID", help="What was lost: whom it may have held is counted.")
@OUT
@click.option(
    "--people", type=click.Path(path_type=Path, dir_okay=False), help="Whom it concerns, in a file of yours alone."
)
@click.option("--drill", is_flag=True, help="Note in the journal that this was practised.")
def breach(
    config: Path, data: Path, since: str, until: str, lost: str | None, out: Path | None, people: Path | None,
    drill: bool,
) -> None:  # fmt: skip
    """Drafts the notice of a breach from the journal, with the numbers of events behind each figure."""
    from gateway.commands.privacy import breach as run

    run(config, data, since, until, lost, out, people, drill=drill)
