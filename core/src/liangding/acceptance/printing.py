"""Forms on paper and in an office's files: PDF by typst, docx and xlsx of the same cells."""

from __future__ import annotations

import importlib.resources
import io
import math
from collections.abc import Iterator
from typing import Any

import attrs

from ..contract.forms import Block, Cell, Form, NewPage, Paragraph, Table, tables
from ..errors import LiangdingError
from ..receipts.typesetting import typeset

TEMPLATE = importlib.resources.files(__package__) / "templates" / "form.typ"

SIZES = {"title": 16, "heading": 12, "normal": 10.5, "small": 9}
"""Points."""

LINE_POINTS = 19
"""About what a line takes in an office's file, with what stands above and below it."""

LINE_HEIGHT = 15
"""Points of a line in a sheet."""

SONG, HEI = "宋体", "黑体"

FORMATS = ("pdf", "docx", "xlsx")


class FormNotWritten(LiangdingError):
    """A library that writes that kind of file is not installed."""

    code = "cannot_write"
    remedy = "pip install 'liangding[forms]'"


def written(form: Form, ending: str) -> bytes:
    """A form as ``pdf``, ``docx`` or ``xlsx``. CannotWrite, CannotTypeset where something has to be installed."""
    return {"pdf": pdf, "docx": docx, "xlsx": xlsx}[ending](form)


def editable(form: Form) -> str:
    """As which kind of file a form is edited."""
    return "xlsx" if form.sheet else "docx"


# -- PDF ---------------------------------------------------------------------------------------------------------------


def pdf(form: Form) -> bytes:
    blocks = [_for_typst(block) for block in form.blocks]
    data = {"title": form.title, "note": form.note, "landscape": form.landscape, "blocks": blocks}
    return typeset(TEMPLATE.read_bytes(), data)


def _for_typst(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {
            "kind": "paragraph", "text": block.text, "size": block.size, "align": block.align, "indent": block.indent
        }  # fmt: skip
    if isinstance(block, NewPage):
        return {"kind": "page"}
    rows = [[attrs.asdict(cell) for cell in row] for row in block.rows]
    return {"kind": "table", "widths": list(block.widths), "rows": rows, "repeated": block.repeated}


def placed(table: Table) -> Iterator[tuple[int, int, Cell]]:
    """Row, column and cell: where each begins."""
    taken: set[tuple[int, int]] = set()
    for i, row in enumerate(table.rows):
        at = 0
        for cell in row:
            while (i, at) in taken:
                at += 1
            taken |= {(i + r, at + c) for r in range(cell.rows) for c in range(cell.columns)}
            yield i, at, cell
            at += cell.columns


# -- docx --------------------------------------------------------------------------------------------------------------


def docx(form: Form) -> bytes:
    try:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm
    except ImportError:
        raise FormNotWritten("没有安装写 docx 的 python-docx") from None
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(297), Mm(210)) if form.landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if form.landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    document.core_properties.title = form.title
    document.core_properties.author = ""
    section.footer.paragraphs[0].text = form.note
    width = 257 if form.landscape else 170
    for block in form.blocks:
        if isinstance(block, NewPage):
            document.add_page_break()
        elif isinstance(block, Paragraph):
            _paragraph(document.add_paragraph(), block.text, block.size, block.align, block.indent)
        else:
            _docx_table(document, block, width)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _paragraph(
    paragraph: Any, text: str, size: str, align: str, indent: float, *, hei: bool = False, above: float = 0
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    heavy = hei or size in ("title", "heading")
    run = paragraph.add_run(text)
    run.font.size = Pt(SIZES[size])
    run.font.bold = size in ("title", "heading")
    run.font.name = "Times New Roman"
    run._element.rPr.rFonts.set(qn("w:eastAsia"), HEI if heavy else SONG)
    paragraph.alignment = {
        "left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT
    }[align]  # fmt: skip
    paragraph.paragraph_format.space_before = Pt(2 + above)
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.keep_with_next = size in ("title", "heading")
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(indent * SIZES[size])


def _room_above_foot(cell: Cell) -> float:
    """Points between a cell's text and its foot, so that the foot stands at the cell's end."""
    lines = cell.text.count("\n") + cell.foot.count("\n") + 2
    return max(0.0, cell.height / 25.4 * 72 - lines * LINE_POINTS)


def _docx_table(document: Any, block: Table, width: float) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE
    from docx.shared import Mm

    made = document.add_table(rows=len(block.rows), cols=len(block.widths))
    made.style = "Table Grid"
    made.autofit = False
    whole = sum(block.widths)
    for i, share in enumerate(block.widths):
        made.columns[i].width = Mm(width * share / whole)
        for cell in made.columns[i].cells:
            cell.width = Mm(width * share / whole)
    for i, at, cell in placed(block):
        here = made.cell(i, at)
        if cell.columns > 1 or cell.rows > 1:
            here = here.merge(made.cell(i + cell.rows - 1, at + cell.columns - 1))
        here.vertical_alignment = WD_ALIGN_VERTICAL.TOP if cell.height else WD_ALIGN_VERTICAL.CENTER
        if cell.height and cell.rows == 1:
            made.rows[i].height = Mm(cell.height)
            made.rows[i].height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        _paragraph(here.paragraphs[0], cell.text, "normal", cell.align or "left", 0, hei=cell.label)
        room = _room_above_foot(cell)
        for line in cell.foot.split("\n") if cell.foot else ():
            _paragraph(here.add_paragraph(), line, "normal", "right", 0, above=room)
            room = 0
    document.add_paragraph()


# -- xlsx --------------------------------------------------------------------------------------------------------------


def xlsx(form: Form) -> bytes:
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    except ImportError:
        raise FormNotWritten("没有安装写 xlsx 的 openpyxl") from None
    book = Workbook()
    sheet: Any = book.active
    sheet.title = form.title[:31]
    sheet.page_setup.orientation = "landscape" if form.landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    most = max((len(table.widths) for table in tables(form)), default=1)
    widest = next((table for table in tables(form) if len(table.widths) == most), None)
    for i, share in enumerate(widest.widths if widest else (1,), start=1):
        whole = sum(widest.widths) if widest else 1
        sheet.column_dimensions[get_column_letter(i)].width = (130 if form.landscape else 90) * share / whole
    at = 1
    for block in (*form.blocks, *([Paragraph(text=form.note, size="small")] if form.note else ())):
        if isinstance(block, Paragraph):
            sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=most)
            cell = sheet.cell(at, 1, block.text)
            heavy = block.size in ("title", "heading")
            cell.font = Font(name=HEI if heavy else SONG, size=SIZES[block.size], bold=heavy)
            cell.alignment = Alignment(horizontal=block.align, vertical="center", wrap_text=True)
            sheet.row_dimensions[at].height = SIZES[block.size] * 1.8 * (block.text.count("\n") + 1)
            at += 1
        elif isinstance(block, Table):
            at = _xlsx_table(sheet, block, at)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _xlsx_table(sheet: Any, block: Table, at: int) -> int:
    """Write a table from row ``at`` on; the row after it."""
    from openpyxl.styles import Alignment, Border, Font, Side

    line = Border(*(Side(style="thin"),) * 4)
    for i in range(len(block.rows)):
        for j in range(len(block.widths)):
            sheet.cell(at + i, j + 1).border = line
    for i, j, cell in placed(block):
        if cell.columns > 1 or cell.rows > 1:
            end = {"end_row": at + i + cell.rows - 1, "end_column": j + cell.columns}
            sheet.merge_cells(start_row=at + i, start_column=j + 1, **end)
        here = sheet.cell(at + i, j + 1, _value(cell))
        here.font = Font(name=HEI if cell.label else SONG, size=10.5)
        here.alignment = Alignment(horizontal=cell.align or "left", vertical="center", wrap_text=True)
    for i in range(len(block.rows)):
        lines = [_lines(sheet, j, cell) for r, j, cell in placed(block) if r == i and cell.rows == 1]
        if max(lines, default=1) > 1:  # an office does not make the rows of merged cells higher by itself
            sheet.row_dimensions[at + i].height = LINE_HEIGHT * max(lines)
    return at + len(block.rows)


def _lines(sheet: Any, first: int, cell: Cell) -> int:
    """How many lines a cell's text takes in its columns, a Chinese character being as wide as two digits."""
    from openpyxl.utils import get_column_letter

    columns = (get_column_letter(first + 1 + i) for i in range(cell.columns))
    room = max(sum(sheet.column_dimensions[column].width for column in columns) - 1, 1)
    wide = (sum(2 if ord(each) > 0x2E7F else 1 for each in line) for line in str(_value(cell)).split("\n"))
    return sum(max(math.ceil(each / room), 1) for each in wide)


def _value(cell: Cell) -> int | str:
    """A count as a number, so that a sheet can add it up; anything else as it is printed."""
    if cell.text.isdecimal() and len(cell.text) < 7 and (cell.text == "0" or not cell.text.startswith("0")):
        return int(cell.text)
    return "\n\n".join(filter(None, (cell.text, cell.foot)))
