"""Knows why a row of a file is not taken in, in words its owner can act on."""

from enum import StrEnum
from typing import Any

from tracker.errors import Fault
from tracker.texts import N_


class Reason(StrEnum):
    """The kinds of rejection, as the report counts them."""

    SHAPE = "shape"  #: another number of cells than the heading has
    MISSING = "missing"  #: a required value is empty
    TEXT = "text"  #: too long, or characters no text has
    DATE = "date"  #: not a moment the profile knows how to read
    POSITION = "position"  #: not a position, or one without its other half
    PLACE = "place"  #: neither a position nor a known community
    STATE = "state"  #: a state the profile does not map
    SOURCE = "source"  #: a source the profile does not map
    CATEGORY = "category"  #: a category that is not in the catalogue
    UNIT = "unit"  #: no such unit, or none where the state needs one
    POINT = "point"  #: no inspection point has that code
    TIME_ORDER = "time_order"  #: closed before reported, or in the future
    FORMULA = "formula"  #: a formula whose value the file does not hold
    REFUSED = "refused"  #: the workflow's own rule said no


REASON_LABELS = {
    Reason.SHAPE: N_("列数与表头不符"),
    Reason.MISSING: N_("缺少必填内容"),
    Reason.TEXT: N_("文字过长或含无法使用的字符"),
    Reason.DATE: N_("时间无法识别"),
    Reason.POSITION: N_("经纬度无法使用"),
    Reason.PLACE: N_("没有位置也没有已知社区"),
    Reason.STATE: N_("状态无法识别"),
    Reason.SOURCE: N_("来源无法识别"),
    Reason.CATEGORY: N_("问题类别无法识别"),
    Reason.UNIT: N_("责任单位无法识别"),
    Reason.POINT: N_("点位代码无法识别"),
    Reason.TIME_ORDER: N_("时间先后不合理"),
    Reason.FORMULA: N_("单元格公式没有结果"),
    Reason.REFUSED: N_("不符合办理规则"),
}

if set(REASON_LABELS) != set(Reason):
    raise RuntimeError("every reason needs a label")


class RowRejected(Fault):
    """A row cannot be taken in; `reason` is its kind, the message says what to mend."""

    code = "row_rejected"

    def __init__(self, reason: Reason, message: str, /, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.reason = reason
