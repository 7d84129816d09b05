"""What can go wrong, in the survey's own words; web/errors.py maps each to a status and a page."""

from typing import Any


class SurveyError(Exception):
    """Base of every refusal that a reader may be told about."""


class BadToken(SurveyError):
    """A signed value was forged, cut off or made for another purpose."""


class UnknownCode(SurveyError):
    """No collection point carries this code, or the code was revoked."""


class WaveClosed(SurveyError):
    """The wave asked for has ended; `closed_on` is its last day."""

    def __init__(self, title: str, closed_on: object) -> None:
        super().__init__(title)
        self.closed_on = closed_on


class NoOpenWave(SurveyError):
    """Nothing is being asked at this point today."""


class PeriodNotKept(SurveyError):
    """The period cuts months of a wave of which only whole months are known any more."""


class WaveRefused(SurveyError):
    """A wave cannot be changed, opened or closed like this; `reasons` name each obstacle, with what it is about."""

    def __init__(self, *reasons: tuple[str, dict[str, Any]]) -> None:
        super().__init__(", ".join(reason for reason, _ in reasons))
        self.reasons = reasons


class AlreadyAnsweredDifferently(SurveyError):
    """This submission id is stored with other content; the first stays."""


class OutcomeUnknown(SurveyError):
    """The database went away while it was committing: what was sent may be stored or not. Sending again is safe."""


class WorkAsked(SurveyError):
    """So many answers are coming in that a sender with a script is asked to solve `challenge` first."""

    def __init__(self, challenge: dict[str, Any]) -> None:
        super().__init__("work")
        self.challenge = challenge
        self.retry_after = 60


class UnknownSubmission(SurveyError):
    """A second part arrived for a first part that is not stored."""


class NotFound(SurveyError):
    """The thing does not exist, or lies outside what the viewer may see."""


class InvalidBody(SurveyError):
    """The request's body cannot be read: not UTF-8, not JSON, too deep, or holding characters no text holds."""


class NotSignedIn(SurveyError):
    """The page is for staff and nobody is signed in, or the session has ended."""


class NotAllowed(SurveyError):
    """The account's role does not open this page."""


class SignInRefused(SurveyError):
    """The name and the password do not belong together; which of the two is wrong is never said."""


class SignOnRefused(SurveyError):
    """What the sign-on provider sent proves nobody's identity, or the provider refused."""


class SignOnUnavailable(SurveyError):
    """The sign-on provider cannot be reached, or is not the one that was set up."""


class UnknownIdentity(SurveyError):
    """Somebody whom the provider knows and no account is linked to; `reference` is what an administrator looks for."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class SignInThrottled(SurveyError):
    """Too many failures for this name; `retry_after` seconds must pass. Never permanent."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class SignInBusy(SurveyError):
    """More people are signing in at once than the machine may hash passwords for."""


class SecondFactorMissing(NotAllowed):
    """The role asks for a second factor and the account has none yet: nothing opens but the page that sets it up."""


class InvitationOver(SurveyError):
    """The link was used, taken back or replaced, or its days are over; which of these is never said."""


class OwnAccount(SurveyError):
    """Nobody changes the role, the unit or the state of the account they are signed in with."""


class LastAdministrator(SurveyError):
    """The change would leave the system without anybody who may administer it."""


class WeakPassword(SurveyError):
    """The new password is refused; `reason` is short, long, common or like_name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AccountExists(SurveyError):
    """An account of this name is already there."""


class DefinitionError(SurveyError):
    """A questionnaire definition cannot be published; `path` is the place of the first fault."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class PublishedVersionImmutable(SurveyError):
    """This code and version is published with other content; a change is a new version."""

    def __init__(self, code: str, version: object) -> None:
        super().__init__(f"{code} v{version}")
        self.code = code
        self.version = version


class InvalidAnswer(SurveyError):
    """An answer the form does not offer; `reason` is one word such as unknown_choice or too_many_choices."""

    def __init__(self, item_code: str, reason: str) -> None:
        super().__init__(f"{item_code}: {reason}")
        self.item_code = item_code
        self.reason = reason


class NoPolicyInForce(SurveyError):
    """No policy row is in force on the day asked for, or the row does not hold every value."""


class AlreadyExists(SurveyError):
    """Something else is stored under this code."""


class DatesReversed(SurveyError):
    """The last day lies before the first."""


class UnknownEnrolment(SurveyError):
    """No tablet is expected under this one-time code: mistyped, used before, or past its hour."""


class DeviceRefused(SurveyError):
    """The key is not that of the tablet whose page this is."""


class DeviceRevoked(SurveyError):
    """The tablet was taken out of use; what it still holds stays on it until an administrator takes it over."""


class UnreadableQueue(SurveyError):
    """The file is no queue of a tablet of ours, or was changed on the way."""


class InvalidProfile(SurveyError):
    """A setting of a tablet that cannot be; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class ForeignOrigin(NotAllowed):
    """A page of another site posted this; our own pages, and browsers that name no origin, may."""


class SamePersonTwice(SurveyError):
    """A box is opened by two different persons."""


class CountsDoNotFit(SurveyError):
    """Counts of sheets that cannot be: more than the pad holds, parts above the whole, or none at all."""


class DayOutOfRange(SurveyError):
    """A box cannot be opened on a day to come, nor before any sheet of it was made."""


class BatchNotReady(SurveyError):
    """A batch of sheets is in another state than this step needs; `state` is the one it is in."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class RowKeyedElsewhere(SurveyError):
    """Somebody else has keyed this sheet in the meantime; theirs stays."""


class DifferenceUnexplained(SurveyError):
    """The sheets keyed are not as many as were counted in the box, and nobody has said why."""


class AssignmentRefused(SurveyError):
    """Cases cannot be given out like this; `reason` is one word such as not_independent or wave_over."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LabelsRefused(SurveyError):
    """A list of case labels is refused; `faults` are rows of the file, each with one word of what is wrong."""

    def __init__(self, faults: tuple[tuple[int, str], ...]) -> None:
        super().__init__(faults)
        self.faults = faults


class CaseClosed(SurveyError):
    """The case of an interviewer, or its call-back, is closed; what was recorded first stays."""


class InterviewsOver(SurveyError):
    """The wave of this case has not begun or has ended: no new interview is opened."""


class InvalidField(SurveyError):
    """One value of a request cannot be used; `field` names it, `reason` is one word such as too_long."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BadApiKey(SurveyError):
    """A program gave no key, a wrong one, or one that was revoked; which of these is never said."""


class MissingScope(NotAllowed):
    """The program's key is good, but not for this; `scope` is what it would need."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class KeyUsedDifferently(SurveyError):
    """This idempotency key belongs to an order of other content; the first stays."""


class RecordingRefused(SurveyError):
    """A file cannot be kept as a recording; `reason` is too_large, too_long, not_audio or unknown_key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SpeechUnavailable(SurveyError):
    """The programs that read a text aloud are not installed, or refused the text."""


class NeedsSecondPerson(SurveyError):
    """Whoever proposed a change may not approve it."""


class AlreadyDecided(SurveyError):
    """Somebody has approved, refused or taken back this change before."""


class UnreadableTable(SurveyError):
    """A file is no table that is read here; `reason` names why, `row` and `column` where, both from 1."""

    def __init__(self, reason: str, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


class AuditKeyMissing(SurveyError):
    """The engine was prepared without the key of the audit log, so nothing that needs an entry can be done."""


class RootsBroken(SurveyError):
    """Stored answers of a wave are not those that were sealed, so its dates are left as they are."""


class UnreadableAnchors(SurveyError):
    """A line of a file of anchors is none; `line` is its number."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class TooFewToExclude(SurveyError):
    """A predicate covers fewer responses than may be spoken of; `minimum` is how many it takes."""

    def __init__(self, minimum: int) -> None:
        super().__init__(str(minimum))
        self.minimum = minimum


class TooAlikeToExclude(TooFewToExclude):
    """A predicate differs from one that was looked at before by so few responses that their figures would tell."""


class RegistryMovedOn(SurveyError):
    """What a change of the registry was planned on, or wrote, is no longer what is stored; nothing was done."""


class RegistryRefused(SurveyError):
    """The registry cannot be changed like this; `reason` is one word, `detail` names whom or which day it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class DraftLocked(SurveyError):
    """A draft that is in review or published is not edited; `state` is the one it is in."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class DraftChanged(SurveyError):
    """Somebody else has saved the draft since it was opened; theirs stays, and `changed_by` is their name."""

    def __init__(self, changed_by: str) -> None:
        super().__init__(changed_by)
        self.changed_by = changed_by


class MappingChanged(SurveyError):
    """Somebody else has had this item mapped otherwise since the change was proposed; theirs stays."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


class DraftHasFaults(SurveyError):
    """A draft with faults is not sent to review; `n_faults` of them are left."""

    def __init__(self, n_faults: int) -> None:
        super().__init__(n_faults)
        self.n_faults = n_faults


class MethodRefused(SurveyError):
    """An official method cannot be stored; `path` is the place of the first fault."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class FrameRefused(SurveyError):
    """A list to draw from is refused; `faults` are rows of the file, each with one word of what is wrong."""

    def __init__(self, faults: tuple[tuple[int, str], ...]) -> None:
        super().__init__(faults)
        self.faults = faults


class DrawRefused(SurveyError):
    """A sample cannot be drawn, given out or mended like this; `reason` is one word such as already_drawn."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PublicationRefused(SurveyError):
    """A publication cannot take this step; `reasons` name each obstacle, with what it is about."""

    def __init__(self, *reasons: tuple[str, dict[str, Any]]) -> None:
        super().__init__(", ".join(reason for reason, _ in reasons))
        self.reasons = reasons


class DisclosureLeft(SurveyError):
    """A release would tell of a small group whatever is withheld from it: earlier ones have told the rest."""


class ExportBusy(SurveyError):
    """Another large export is being made; one at a time."""


class ExportFailed(SurveyError):
    """A large export did not come to its end."""
