"""The inputs of the pages of areas and organizations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional

from tracker.catalogue.models import Category
from tracker.places.columns import GivenColumns
from tracker.places.importing import AreaImport
from tracker.places.models import (
    LEVEL_LABELS,
    ORGANIZATION_KIND_LABELS,
    Area,
    Level,
    OrganizationKind,
)
from tracker.places.operations import AreaGiven, OrganizationGiven
from tracker.places.queries import in_force
from tracker.storage.db import db
from tracker.texts import N_
from tracker.web.forms import without_controls

#: Coordinate systems offered; any EPSG number can be typed beside them.
COORD_SYSTEMS = {
    "": N_("按文件自带的坐标系"),
    "wgs84": "WGS-84",
    "cgcs2000": N_("CGCS2000（国家 2000，EPSG:4490）"),
    "gcj02": N_("GCJ-02（高德、腾讯等）"),
    "bd09": N_("BD-09（百度）"),
    "EPSG:4547": N_("CGCS2000 投影，中央经线 114°（EPSG:4547）"),
    "EPSG:3857": N_("Web 墨卡托（EPSG:3857）"),
    "other": N_("其他（填写 EPSG 编号）"),
}
ENCODINGS = {"": N_("自动识别"), "utf-8": "UTF-8", "gb18030": "GBK / GB 18030"}

_CLEAN: dict[str, Any] = {"filters": [without_controls]}


class AreaForm(FlaskForm):
    """What may be changed of an area by hand."""

    name = StringField(
        _l("名称"),
        validators=[DataRequired(_l("请填写名称")), Length(max=100, message=_l("不超过 100 字"))],
        **_CLEAN,
    )
    is_pilot = BooleanField(_l("试点区域"))
    is_schematic = BooleanField(_l("边界为示意，不作为划界依据"))
    valid_to = DateField(_l("停用日期"), validators=[Optional()])

    def given(self) -> AreaGiven:
        return AreaGiven(
            self.name.data, self.is_pilot.data, self.is_schematic.data, self.valid_to.data
        )


class UploadForm(FlaskForm):
    """A file with places and what is said of it."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选择文件"))])
    crs = SelectField(_l("坐标系"), default="")
    epsg = StringField(_l("EPSG 编号"), **_CLEAN)
    encoding = SelectField(_l("文字编码"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.crs.choices = [(value, _(label)) for value, label in COORD_SYSTEMS.items()]
        self.encoding.choices = [(value, _(label)) for value, label in ENCODINGS.items()]

    @property
    def chosen_crs(self) -> str | None:
        """The coordinate system as gis.coordinates.parse_crs takes it; None leaves it to the file."""
        if self.crs.data == "other":
            typed = (self.epsg.data or "").strip()
            return f"EPSG:{typed}" if typed.isdecimal() else typed or "EPSG:"
        return self.crs.data or None


class AreaUploadForm(UploadForm):
    """A file of areas and what is said of it."""

    level = SelectField(_l("级别"), default="")
    parent = SelectField(_l("默认上级"), default="")
    code_field = StringField(_l("代码列"), **_CLEAN)
    name_field = StringField(_l("名称列"), **_CLEAN)
    parent_field = StringField(_l("上级代码列"), **_CLEAN)
    is_schematic = BooleanField(_l("边界为示意，不作为划界依据"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.level.choices = [("", _("按文件中的级别列，或代码位数")), *_levels()]
        self.parent.choices = [("", _("自动（按代码前缀或所在位置）")), *_parents()]

    def given(self, *, only: str | None = None) -> AreaImport:
        """What the form says, as the import takes it."""
        return AreaImport(
            level=Level(self.level.data) if self.level.data and not only else None,
            crs=self.chosen_crs,
            encoding=self.encoding.data or None,
            columns=GivenColumns(
                self.code_field.data or None,
                self.name_field.data or None,
                self.parent_field.data or None,
            ),
            parent=self.parent.data or None,
            only=only,
            is_schematic=self.is_schematic.data,
            source=(self.file.data.filename or "")[:200],
        )


class OrganizationForm(FlaskForm):
    """Everything of an organization."""

    name = StringField(
        _l("单位名称"),
        validators=[
            DataRequired(_l("请填写单位名称")),
            Length(max=100, message=_l("不超过 100 字")),
        ],
        **_CLEAN,
    )
    kind = SelectField(_l("类型"), default="")
    area_code = SelectField(_l("所属区域"), default="")
    category_prefixes = SelectMultipleField(_l("主管的问题类别"))
    is_active = BooleanField(_l("启用（停用后不再出现在派遣单位中）"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            (kind.value, _(label)) for kind, label in ORGANIZATION_KIND_LABELS.items()
        ]
        self.area_code.choices = [("", _("全区（不限区域）")), *_homes(self.area_code.data)]
        self.majors = _majors()
        self.category_prefixes.choices = [
            choice for major in self.majors for choice in [major[:2], *major[2]]
        ]

    def given(self) -> OrganizationGiven:
        return OrganizationGiven(
            self.name.data,
            OrganizationKind(self.kind.data),
            self.area_code.data or None,
            _without_covered(self.category_prefixes.data),
            self.is_active.data,
        )


def _without_covered(prefixes: list[str]) -> tuple[str, ...]:
    """A 大类 that was chosen covers its 小类."""
    chosen = set(prefixes)
    return tuple(
        sorted(one for one in chosen if not any(one != o and one.startswith(o) for o in chosen))
    )


def _levels() -> list[tuple[str, str]]:
    return [(level.value, _(label)) for level, label in LEVEL_LABELS.items()]


def _parents() -> list[tuple[str, str]]:
    return _areas(Area.level.in_([Level.DISTRICT, Level.TOWN, Level.COMMUNITY]))


def _homes(chosen: str | None) -> list[tuple[str, str]]:
    choices = _areas(Area.level.in_([Level.DISTRICT, Level.TOWN, Level.COMMUNITY]))
    if chosen and chosen not in [code for code, _label in choices]:
        choices.append((chosen, chosen))
    return choices


def _areas(condition: Any) -> list[tuple[str, str]]:
    """Areas in the order of the tree, indented by level."""
    rows = db.session.execute(
        select(Area.code, Area.name, Area.path).where(condition, in_force()).order_by(Area.path)
    )
    return [
        (code, "\u3000" * (path.count("/") - 1) + f"{name} {code}") for code, name, path in rows
    ]


def _majors() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """大类 with their 小类 in use: (code, words, [(code, words)])."""
    rows = db.session.scalars(select(Category).where(Category.is_active).order_by(Category.code))
    majors: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
    for row in rows:
        label = _("%(code)s %(name)s（全部）", code=row.major_code, name=row.major_name)
        major = majors.setdefault(row.major_code, (row.major_code, label, []))
        if (row.code, f"{row.code} {row.name}") not in major[2]:
            major[2].append((row.code, f"{row.code} {row.name}"))
    return list(majors.values())
