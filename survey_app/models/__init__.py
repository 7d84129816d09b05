"""Tables, keys and constraints; importing this package registers every table on one metadata."""

from survey_app.models.account import Account, AccountSession
from survey_app.models.api_client import ApiClient
from survey_app.models.approval import Approval
from survey_app.models.audit import AuditEntry
from survey_app.models.base import Base
from survey_app.models.calendar import CalendarDay, Closure, ClosureUnit, OpeningHours
from survey_app.models.device import Device, DeviceDay, DeviceIncident, DeviceLedger, DeviceState
from survey_app.models.interview import CallBackCheck, InterviewAssignment, Interviewer
from survey_app.models.paper import PaperBatch, PaperCount, PaperOpening, PaperPad, PaperRow
from survey_app.models.questionnaire import IndicatorSet, Policy, QuestionnaireSlot, QuestionnaireVersion
from survey_app.models.recording import Recording
from survey_app.models.response import Comment, Exclusion, Response, Ticket
from survey_app.models.rollup import CountCell, MomentCell, RollupDirty, RollupMonth
from survey_app.models.ticket_batch import TicketBatch
from survey_app.models.transaction import Procedure, TransactionBatch, TransactionCount
from survey_app.models.unit import Desk, Point, PointCode, PointUnit, ServiceField, Unit, UnitLineage
from survey_app.models.wave import Period, ScoreRelease, Wave, WaveUnit

__all__ = [
    "Account", "AccountSession", "ApiClient", "Approval", "AuditEntry", "Base", "CalendarDay",
    "CallBackCheck", "Closure", "ClosureUnit", "Comment", "CountCell", "Desk", "Device", "DeviceDay",
    "DeviceIncident", "DeviceLedger", "DeviceState", "Exclusion", "IndicatorSet", "InterviewAssignment",
    "Interviewer", "MomentCell", "OpeningHours", "PaperBatch", "PaperCount", "PaperOpening", "PaperPad",
    "PaperRow", "Period", "Point", "PointCode", "PointUnit", "Policy", "Procedure", "QuestionnaireSlot",
    "QuestionnaireVersion", "Recording", "Response", "RollupDirty", "RollupMonth", "ScoreRelease",
    "ServiceField", "Ticket", "TicketBatch", "TransactionBatch", "TransactionCount", "Unit",
    "UnitLineage", "Wave", "WaveUnit",
]  # fmt: skip
