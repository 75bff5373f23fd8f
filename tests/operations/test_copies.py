"""The gateway makes its own copies: in two places, tried, said in health; and a copy that was damaged is found out."""

from __future__ import annotations

from pathlib import Path

from tests.operations.venue import VenueWith
from tests.story.venue import guest


async def test_copies_are_made_by_themselves_and_the_last_good_one_is_in_health(tmp_path: Path) -> None:
    near, far, gone = tmp_path / "near", tmp_path / "far", tmp_path / "near" / "no-folder" / "file"
    folders = ", ".join(f'"{folder}"' for folder in (near, far, gone))
    sheet = tmp_path / "sheet"
    sheet.write_text("acorn-umbrella-violet-harbour\n")
    async with VenueWith(f"\n[backup]\nevery_hours = 1\nkeep = 2\nto = [{folders}]\n", tmp_path / "venue") as venue:
        await venue.enrol(guest("Chen Yulan"))
        health = await venue.eventually(venue.health, lambda h: any("no good copy" in why for why in h["why"]))
        assert health["copies"] == {str(near): None, str(far): None, str(gone): None}
        assert (await venue.moments("recovery", "new", "--passphrase", "--recovery-file", sheet)).code == 0
        near.mkdir(exist_ok=True)
        gone.parent.mkdir(exist_ok=True)
        gone.write_text("not a folder")
        await venue.restart()
        health = await venue.eventually(
            venue.health, lambda h: all(h["copies"][str(folder)] for folder in (near, far)), within=50
        )
        health = await venue.eventually(
            venue.health, lambda h: any(str(gone) in why and "no good copy" in why for why in h["why"])
        )
        bad = [why for why in health["why"] if "no good copy" in why]
        assert len(bad) == 1
        assert str(gone) in bad[0]
        (copy,) = far.glob("moments-*.db")
        assert (await venue.moments("backup", "verify", far)).code == 0
        with copy.open("r+b") as file:
            file.seek(copy.stat().st_size // 2)
            file.write(b"\xff" * 64)
        damaged = await venue.moments("backup", "verify", far)
        assert (damaged.code, copy.name in damaged.err) == (1, True), damaged
        assert (await venue.moments("backup", "verify", near)).code == 0
