"""Rows as a file for a spreadsheet: CSV, or an Excel workbook with nothing in it but text and numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.sax.saxutils import escape

from fastapi import Response

from gateway.records.cells import as_cell

Format = Literal["json", "csv", "xlsx"]
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARK = "\ufeff"  # says to Excel that a file is UTF-8
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same rows are the same bytes
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="insight" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def as_file(rows: Sequence[Mapping[str, Any]], form: Literal["csv", "xlsx"]) -> bytes:
    """The rows as a file of this kind."""
    table = [dict(_flat(row)) for row in rows]
    columns = list(dict.fromkeys(key for row in table for key in row)) or ["customer"]
    return (as_xlsx if form == "xlsx" else as_csv)(columns, table)


def answer(rows: Sequence[Mapping[str, Any]], name: str, form: Format) -> Response:
    """The rows as a file of this name."""
    kind = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    raw = as_file(rows, "xlsx" if form == "xlsx" else "csv")
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return Response(raw, media_type=kind, headers=headers)


def as_csv(columns: Sequence[str], table: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as CSV; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(map(as_cell, columns))  # a column may be named by what somebody wrote
    writer.writerows(
        [as_cell(v) if isinstance(v := row.get(name, ""), str) else v for name in columns] for row in table
    )
    return (MARK + out.getvalue()).encode()


def as_xlsx(columns: Sequence[str], table: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as a workbook of one sheet: numbers as numbers, and text as text that is no formula."""
    lines = [columns, *([row.get(name, "") for name in columns] for row in table)]
    body = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in lines)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{body}</sheetData></worksheet>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), (_HEAD + text).encode())
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value!r}</v></c>"
    text = "".join(sign for sign in str(value) if sign >= " " or sign in "\t\n")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _flat(row: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """A row's members, those of a member in it with both names; of a list how many, or its words."""
    found: list[tuple[str, Any]] = []
    for name, value in row.items():
        key = f"{before}{name}"
        if isinstance(value, Mapping):
            found += _flat(value, f"{key}.")
        elif isinstance(value, list):
            said = [each["words"]["en"] if isinstance(each, Mapping) and "words" in each else each for each in value]
            plain = all(isinstance(each, str) for each in said)
            found.append((key, "; ".join(said) if plain else len(said)))
        else:
            found.append((key, "" if value is None else value))
    return found
