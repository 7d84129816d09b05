"""Tables, keys and constraints; importing this package registers every table on one metadata."""

from survey_app.models.account import (
    Account,
    AccountSession,
    Invitation,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    SecurityKey,
)
from survey_app.models.api_client import ApiClient
from survey_app.models.approval import Approval
from survey_app.models.audit import AuditEntry, AuditHead
from survey_app.models.base import Base
from survey_app.models.calendar import CalendarDay, Closure, ClosureUnit, OpeningHours
from survey_app.models.device import Device, DeviceDay, DeviceIncident, DeviceLedger, DeviceState
from survey_app.models.indicator import IndicatorChoice, IndicatorCount, OfficialFigure
from survey_app.models.interview import CallBackCheck, InterviewAssignment, Interviewer
from survey_app.models.paper import PaperBatch, PaperCount, PaperOpening, PaperPad, PaperRow
from survey_app.models.publication import (
    HearingNotice,
    Publication,
    PublicationPart,
    PublicPages,
    PublishedScore,
    UnitReply,
)
from survey_app.models.questionnaire import IndicatorSet, Policy, QuestionnaireSlot, QuestionnaireVersion
from survey_app.models.questionnaire_draft import (
    DraftNote,
    MappingRevision,
    MethodDraft,
    OfficialMethod,
    QuestionnaireDraft,
    VersionMapping,
)
from survey_app.models.received_root import ReceivedRoot, RootReopened
from survey_app.models.recording import Recording
from survey_app.models.registry import RegistryOperation
from survey_app.models.report_settings import ConversionTable, DocumentBatch, LetterheadVersion
from survey_app.models.response import Comment, Exclusion, Response, Ticket
from survey_app.models.rollup import CountCell, MomentCell, RollupDirty, RollupMonth
from survey_app.models.sample import (
    SampleCase,
    SampleDraw,
    SampleFrame,
    SampleFrameEntry,
    SampleHandout,
    SamplePlan,
    SampleReplacement,
    SampleSetAside,
    SampleStratum,
    SampleTicketBatch,
)
from survey_app.models.sign_on import SignOnIdentity
from survey_app.models.snapshot import WaveSnapshot, WaveTally
from survey_app.models.ticket_batch import TicketBatch
from survey_app.models.transaction import Procedure, TransactionBatch, TransactionCount
from survey_app.models.unit import (
    Desk,
    Point,
    PointCode,
    PointUnit,
    ServiceField,
    Unit,
    UnitAlias,
    UnitLineage,
    UnitPeriod,
)
from survey_app.models.wave import Period, ScoreRelease, Wave, WaveBridge, WaveUnit

__all__ = [
    "Account", "AccountSession", "ApiClient", "Approval", "AuditEntry", "AuditHead", "Base", "CalendarDay",
    "CallBackCheck", "Closure", "ClosureUnit", "Comment", "ConversionTable", "CountCell", "Desk", "Device",
    "DeviceDay", "DeviceIncident", "DeviceLedger", "DeviceState", "DocumentBatch", "DraftNote", "Exclusion",
    "HearingNotice", "IndicatorChoice", "IndicatorCount", "IndicatorSet", "InterviewAssignment",
    "Interviewer", "Invitation", "LetterheadVersion", "MappingRevision", "MethodDraft", "MomentCell",
    "OfficialFigure", "OfficialMethod", "OpeningHours", "PaperBatch", "PaperCount", "PaperOpening",
    "PaperPad", "PaperRow", "PendingSignIn", "Period", "Point", "PointCode", "PointUnit", "Policy",
    "Procedure", "PublicPages", "Publication", "PublicationPart", "PublishedScore", "QuestionnaireDraft",
    "QuestionnaireSlot", "QuestionnaireVersion", "ReceivedRoot", "Recording", "RecoveryCode",
    "RegistryOperation", "Response", "RollupDirty", "RollupMonth", "RootReopened", "SampleCase",
    "SampleDraw", "SampleFrame", "SampleFrameEntry", "SampleHandout", "SamplePlan", "SampleReplacement",
    "SampleSetAside", "SampleStratum", "SampleTicketBatch", "ScoreRelease", "SecondFactor", "SecurityKey",
    "ServiceField", "SignOnIdentity", "Ticket", "TicketBatch", "TransactionBatch", "TransactionCount",
    "Unit", "UnitAlias", "UnitLineage", "UnitPeriod", "UnitReply", "VersionMapping", "Wave", "WaveBridge",
    "WaveSnapshot", "WaveTally", "WaveUnit",
]  # fmt: skip
