"""Lists what each action asks a person for: one form each, the photos and the question that go with it."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.fields import DateField

from gis.errors import GisError
from gis.positions import parse_position
from tracker.tasks.action_fields import ActionForm, LimitedForm, words_field
from tracker.tasks.given import Given, Place
from tracker.tasks.states import Action
from tracker.web.forms import SelectField


class PlainForm(ActionForm):
    """Nothing to type: sign for a task."""


class ReasonForm(ActionForm):
    reason = words_field(_l("原因"), required=True)


class ListedReasonForm(ActionForm):
    """A reason from the action's list, and words beside it."""

    reason_code = SelectField(_l("原因类别"), choices=[], validate_choice=False)
    reason = words_field(_l("具体说明"), required=True)


class ExtensionForm(ActionForm):
    reason = words_field(_l("延期原因"), required=True)


class SuspensionForm(ListedReasonForm):
    until = DateField(_l("挂账截止日期"), render_kw={"required": True})


class SuspendForm(ActionForm):
    until = DateField(_l("挂账截止日期"), render_kw={"required": True})
    reason = words_field(_l("审批意见"), required=True)


class OpinionForm(ActionForm):
    text = words_field(_l("审批意见（可不填）"), rows=2)


class WordsForm(ActionForm):
    """What somebody says: 催办, 批示, 留言, the answer of a unit."""

    text = words_field(_l("内容"), required=True)


class AssistForm(ActionForm):
    unit_id = SelectField(_l("协办单位"), choices=[], validate_choice=False)
    text = words_field(_l("需要协办的事项"), required=True)


class EndAssistForm(ActionForm):
    unit_id = SelectField(_l("协办单位"), choices=[], validate_choice=False)
    reason = words_field(_l("原因（可不填）"), rows=2)


class ConveneForm(ActionForm):
    assignee_id = SelectField(_l("决定人"), choices=[], validate_choice=False)
    unit_id = SelectField(_l("另请参加的单位（可不选）"), choices=[], validate_choice=False)
    text = words_field(_l("说明（可不填）"), rows=2)


class LinkForm(ActionForm):
    other_number = StringField(
        _l("复发前的任务编号"), render_kw={"maxlength": 32, "autocomplete": "off"}
    )
    #: one of the closed tasks proposed
    other_choice = StringField(_l("附近近期结案的同类任务"))
    text = words_field(_l("说明（可不填）"), rows=2)

    def given(self) -> Given:
        given = super().given()
        return replace(given, other_number=given.other_number or self._words("other_choice"))


class OptionalReasonForm(ActionForm):
    reason = words_field(_l("原因（可不填）"), rows=2)


class MergeForm(ActionForm):
    other_number = StringField(
        _l("并入的任务编号"), render_kw={"maxlength": 32, "autocomplete": "off"}
    )
    #: one of the tasks proposed, for browsers that do not copy it into the field above
    other_choice = StringField(_l("附近同类的在办任务"))
    text = words_field(_l("说明（可不填）"), rows=2)

    def given(self) -> Given:
        given = super().given()
        return replace(given, other_number=given.other_number or self._words("other_choice"))


class DispatchForm(LimitedForm):
    unit_id = SelectField(_l("责任单位"), choices=[], validate_choice=False)
    text = words_field(_l("派遣意见（可不填）"), rows=2)


class FileForm(DispatchForm):
    category_id = SelectField(_l("问题类别"), choices=[], validate_choice=False)
    #: the closed task that this one is a recurrence of, of those proposed
    recurs_from = StringField(_l("是否为复发"))

    @property
    def recurrence(self) -> Given | None:
        """What links the task to the one chosen; None when it is no recurrence."""
        number = self._words("recurs_from")
        return Given(other_number=number) if number else None


class AssignForm(ActionForm):
    assignee_id = SelectField(_l("经办人"), choices=[], validate_choice=False)
    text = words_field(_l("说明（可不填）"), rows=2)


class SubmitForm(ActionForm):
    measures = words_field(_l("整改措施"), required=True)
    no_photo_reason = StringField(_l("无照片原因"), render_kw={"maxlength": 200})


class PassForm(ActionForm):
    text = words_field(_l("核查意见（可不填）"), rows=2)


class ReworkForm(ListedReasonForm, LimitedForm):
    #: JSON of tasks.drawing, filled by the page
    drawing = HiddenField(_l("标注"))


class RedispatchForm(LimitedForm):
    unit_id = SelectField(_l("改派给"), choices=[], validate_choice=False)
    reason = words_field(_l("改派原因"), required=True)


class JointDecisionForm(LimitedForm):
    unit_id = SelectField(_l("责任单位"), choices=[], validate_choice=False)
    reason = words_field(_l("决定理由"), required=True)


class SuperviseForm(LimitedForm):
    """A supervision order; without a limit the deadline stays."""

    text = words_field(_l("督办要求"), required=True)

    def _clock(self) -> dict[str, Any]:
        typed = (self["limit_value"].raw_data or self["due_at"].raw_data or [""])[0]
        return super()._clock() if typed or (self["due_at"].raw_data or [""])[0] else {}


class RelocateForm(ActionForm):
    """A community chosen by hand, a better point, or both (人工落格)."""

    community_code = SelectField(_l("所属社区"), choices=[], validate_choice=False)
    position = StringField(
        _l("经纬度（可不填）"), render_kw={"maxlength": 80, "autocomplete": "off"}
    )
    text = words_field(_l("说明（可不填）"), rows=2)

    def given(self) -> Given:
        typed = self._words("position")
        place = Place(community_code=self._words("community_code") or None, method="office")
        if typed:
            try:
                point = parse_position(typed)
            except GisError:
                self.blame("position", _("经纬度无法识别，请写成“113.3550, 22.0450”。"))
            else:
                place = replace(
                    place,
                    lon=point.lon,
                    lat=point.lat,
                    raw_x=point.lon,
                    raw_y=point.lat,
                    coord_sys="wgs84",
                )
        return replace(super().given(), place=place)


FORMS: dict[Action, type[ActionForm]] = {
    Action.FILE: FileForm,
    Action.REJECT: ReasonForm,
    Action.MERGE: MergeForm,
    Action.DISPATCH: DispatchForm,
    Action.ACKNOWLEDGE: PlainForm,
    Action.RETURN: ListedReasonForm,
    Action.ASSIGN: AssignForm,
    Action.SUBMIT: SubmitForm,
    Action.WITHDRAW: OptionalReasonForm,
    Action.PASS: PassForm,
    Action.REWORK: ReworkForm,
    Action.RELOCATE: RelocateForm,
    Action.CANCEL: ReasonForm,
    Action.COMMENT: WordsForm,
    Action.ACKNOWLEDGE_REWORK: PlainForm,
    Action.CLOSE_BY_NOTICE: ListedReasonForm,
    Action.ASK_EXTENSION: ExtensionForm,
    Action.ASK_SUSPENSION: SuspensionForm,
    Action.ENDORSE: OpinionForm,
    Action.DECLINE: ReasonForm,
    Action.GRANT_EXTENSION: OpinionForm,
    Action.DENY_EXTENSION: ReasonForm,
    Action.SUSPEND: SuspendForm,
    Action.DENY_SUSPENSION: ReasonForm,
    Action.RESUME: OpinionForm,
    Action.REDISPATCH: RedispatchForm,
    Action.ADD_ASSIST: AssistForm,
    Action.ASSIST_REPLY: WordsForm,
    Action.REMOVE_ASSIST: EndAssistForm,
    Action.CONVENE: ConveneForm,
    Action.OPINE: WordsForm,
    Action.DECIDE_JOINT: JointDecisionForm,
    Action.SUPERVISE: SuperviseForm,
    Action.URGE: WordsForm,
    Action.INSTRUCT: WordsForm,
    Action.LINK_RECURRENCE: LinkForm,
    Action.APPEAL: ReasonForm,
    Action.GRANT_APPEAL: OpinionForm,
    Action.DENY_APPEAL: ReasonForm,
    Action.UNDO: PlainForm,
}

#: Actions that hand over photos taken after the work: the picker's name, and what it is called.
WITH_PHOTOS = {
    Action.SUBMIT: ("after_photos", _l("整改后照片")),
    Action.PASS: ("pass_photos", _l("核查现场照片（可不拍）")),
    Action.REWORK: ("rework_photos", _l("核查现场照片（可不拍）")),
    Action.ASSIST_REPLY: ("assist_photos", _l("协办完成照片（可不拍）")),
}

#: What cannot be taken back is asked about once more.
CONFIRMATIONS = {
    Action.REJECT: _l("不予立案后，这件任务将终止。确定不予立案吗？"),
    Action.MERGE: _l("并案后，这件任务将终止，由并入的任务继续办理。确定并案吗？"),
    Action.CANCEL: _l("作废后，这件任务将终止，不能恢复。确定作废吗？"),
    Action.PASS: _l("核查通过后任务将结案。确定整改已到位吗？"),
    Action.CLOSE_BY_NOTICE: _l("告知性结案单独统计，不计入整改完成。确定结案吗？"),
    Action.SUSPEND: _l("挂账后暂停计时，到期自动恢复。确定同意挂账吗？"),
    Action.REDISPATCH: _l("改派后由新单位重新签收。确定改派吗？"),
    Action.RETURN: _l("退单后任务回到派遣员处重新派遣。确定退单吗？"),
}
