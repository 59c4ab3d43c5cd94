"""Makes PNG and PDF files of a drawn sheet, with the fonts of this machine."""

from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.errors import Fault
from tracker.progress.sheet_drawing import FAMILIES
from tracker.progress.sheet_options import Paper
from tracker.texts import N_
from tracker.web import crowding

#: Fonts by the folder that was looked at beside the system's; only where Chinese was found.
_fonts: dict[Path, Any] = {}
#: One page that is the drawing; the title goes in as a value, never as markup.
_PAGE = """#set document(title: sys.inputs.title)
#set page(width: {wide}mm, height: {high}mm, margin: 0mm)
#image("sheet.svg", width: 100%, height: 100%, alt: sys.inputs.title)
"""


class NoFont(Fault):
    """This machine has no font that holds Chinese: boxes instead of words are not handed out."""

    status = 503
    code = "no_font"


def fonts_folder(data_dir: Path) -> Path:
    """Font files put here are used beside those of the system."""
    return data_dir / "fonts"


def can_write_chinese(folder: Path) -> bool:
    """Whether a family of FAMILIES is installed, or lies in the folder of fonts."""
    return _look(folder) is not None


def pdf(svg: str, *, paper: Paper, title: str, at: datetime, fonts: Path) -> bytes:
    """One page of the paper's size, lines and letters as such. Raises NoFont, Busy."""
    return _made(svg, paper, title, fonts, format="pdf", timestamp=int(at.timestamp()))


def png(svg: str, *, paper: Paper, dpi: int, fonts: Path) -> bytes:
    """A picture of the paper at `dpi` dots an inch. Raises NoFont, Busy."""
    return _made(svg, paper, "", fonts, format="png", ppi=float(dpi))


def _made(svg: str, paper: Paper, title: str, folder: Path, **how: Any) -> bytes:
    fonts = _look(folder)
    if fonts is None:
        raise NoFont(
            N_("服务器没有中文字体，不能生成图片和 PDF。请管理员安装 fonts-noto-cjk，或把字体文件放进数据目录的 fonts 文件夹；也可以直接用浏览器打印。")
        )  # fmt: skip
    from typst import Compiler

    wide, high = paper.millimetres
    files = {"main.typ": _PAGE.format(wide=wide, high=high).encode(), "sheet.svg": svg.encode()}
    # the types that ship with it know no files in memory
    compiler: Any = Compiler
    with crowding.a_place():
        made = compiler(files, font_paths=fonts, sys_inputs={"title": title}).compile(**how)
    return bytes(made)


def _look(folder: Path) -> Any:
    """The fonts, None without Chinese: what is there is remembered, what is not is looked for again."""
    from typst import Fonts

    if folder not in _fonts:
        found = Fonts(font_paths=[str(folder)] if folder.is_dir() else [])
        if not set(FAMILIES).intersection(found.families()):
            return None
        _fonts[folder] = found
    return _fonts[folder]
