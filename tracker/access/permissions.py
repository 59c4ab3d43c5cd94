"""Knows the name of everything that can be permitted."""

from enum import StrEnum


class Permission(StrEnum):
    """`<subject>.<action>`; the policy page says who has it."""

    #: pages anyone may open, signed in or not
    PUBLIC = "public"
    #: pages anyone signed in may open: home, own account
    SIGNED_IN = "signed_in"

    #: see a task, its photos, its place on the map
    TASK_VIEW = "task.view"
    #: export what one may see
    TASK_EXPORT = "task.export"
    TASK_REPORT = "task.report"
    TASK_FILE = "task.file"
    TASK_REJECT = "task.reject"
    TASK_MERGE = "task.merge"
    TASK_DISPATCH = "task.dispatch"
    TASK_ACKNOWLEDGE = "task.acknowledge"
    TASK_RETURN = "task.return"
    TASK_ASSIGN = "task.assign"
    TASK_SUBMIT = "task.submit"
    TASK_WITHDRAW = "task.withdraw"
    TASK_VERIFY = "task.verify"
    TASK_ASK_EXTENSION = "task.ask_extension"
    TASK_DECIDE_EXTENSION = "task.decide_extension"
    TASK_ASK_SUSPENSION = "task.ask_suspension"
    TASK_SUSPEND = "task.suspend"
    TASK_RESUME = "task.resume"
    TASK_REDISPATCH = "task.redispatch"
    TASK_SUPERVISE = "task.supervise"
    TASK_URGE = "task.urge"
    TASK_INSTRUCT = "task.instruct"
    TASK_REOPEN = "task.reopen"
    TASK_SELF_HANDLE = "task.self_handle"
    TASK_RELOCATE = "task.relocate"
    TASK_CANCEL = "task.cancel"
    TASK_APPEAL = "task.appeal"
    TASK_DECIDE_APPEAL = "task.decide_appeal"
    TASK_RATE = "task.rate"
    #: the head of the unit judges an application before the office does
    TASK_ENDORSE = "task.endorse"
    #: name and dismiss the units that assist the lead unit
    TASK_ARRANGE_ASSIST = "task.arrange_assist"
    #: answer as an assisting unit
    TASK_ASSIST = "task.assist"
    #: say what one's unit thinks in a joint decision
    TASK_OPINE = "task.opine"
    TASK_DECIDE_JOINT = "task.decide_joint"
    #: take one's own last step back
    TASK_UNDO = "task.undo"
    #: compute deadlines again after the calendar changed; nobody's by hand
    TASK_RECALCULATE = "task.recalculate"
    TASK_COMMENT = "task.comment"

    #: see the sealed original of a photo, with its metadata
    PHOTO_ORIGINAL = "photo.original"
    #: take photos into one's own tray before they are attached
    PHOTO_ADD = "photo.add"
    #: the office's queues, worked case by case or many at once
    DESK_OFFICE = "desk.office"
    #: the tasks of one's unit by deadline
    DESK_UNIT = "desk.unit"
    #: the maps of one's areas
    MAP_VIEW = "map.view"
    #: figures of progress: review maps, boards, past days
    PROGRESS_VIEW = "progress.view"
    #: note and take out the 调度会 of an area
    MEETING_MANAGE = "meeting.manage"

    #: the register of inspection points; which ones is the visible query's business
    POINT_LIST = "point.list"
    #: see one point, its visits, its gaps
    POINT_VIEW = "point.view"
    #: make, edit, move, retire points; import them
    POINT_MANAGE = "point.manage"
    #: editions of checklists: import, put in force
    CHECKLIST_MANAGE = "checklist.manage"
    #: see the rounds of one's areas, unit or own, and coverage
    ROUND_LIST = "round.list"
    ROUND_VIEW = "round.view"
    #: plan, open, freeze and close a round; the 挂点 table
    ROUND_MANAGE = "round.manage"
    #: the phone's own pages and data
    INSPECT = "inspect"
    #: inspect a point
    VISIT_MAKE = "visit.make"
    VISIT_VIEW = "visit.view"
    #: decide what becomes of items that phones left for the office
    HELD_LIST = "held.list"
    HELD_DECIDE = "held.decide"

    #: see who answers for what in one's areas or for one's unit
    RESPONSIBILITY_LIST = "responsibility.list"
    RESPONSIBILITY_VIEW = "responsibility.view"
    #: make, hand over, correct, end posts; import them
    RESPONSIBILITY_MANAGE = "responsibility.manage"
    #: read the whole phone number of a post
    RESPONSIBILITY_PHONE = "responsibility.phone"

    #: see accounts and their grants
    USER_VIEW = "user.view"
    #: make, edit, deactivate accounts
    USER_MANAGE = "user.manage"
    USER_GRANT = "user.grant"
    #: end sessions, unlock, reset a password
    USER_SECURE = "user.secure"
    ORGANIZATION_MANAGE = "organization.manage"
    AREA_MANAGE = "area.manage"
    CATEGORY_MANAGE = "category.manage"
    #: the working calendar: yearly notices, stop-work days, office hours
    CALENDAR_MANAGE = "calendar.manage"
    #: ways out of the house for digests, and the messages that did not get through
    CHANNEL_MANAGE = "channel.manage"
    AUDIT_READ = "audit.read"
