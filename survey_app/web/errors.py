"""What the reader is told when something fails: one table from the survey's errors to a status and words."""

import logging
import secrets
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as WerkzeugResponse

from survey_app import errors as survey
from survey_app.i18n import LANGUAGES
from survey_app.web import security
from survey_app.web.reasons import reason_words

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
INCIDENT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DATABASE_ERRORS = (DBAPIError, PoolTimeout)
# Mistakes of ours in a statement or of a rule in the data are no outage; waiting does not mend them.
_OUR_MISTAKES = (IntegrityError, DataError, ProgrammingError)
_ = lazy_gettext


@dataclass(frozen=True, slots=True)
class Words:
    """A status, its short name for programs, and a title and a sentence for people."""

    status: int
    name: str
    title: LazyString
    text: LazyString


NOT_FOUND = Words(
    404,
    "not_found",
    _("Không tìm thấy trang"),
    _("Địa chỉ không đúng, hoặc ông/bà không được xem nội dung này."),
)
BAD_REQUEST = Words(
    400,
    "bad_request",
    _("Không đọc được yêu cầu"),
    _("Dữ liệu gửi đến bị lỗi. Xin tải lại trang và làm lại."),
)
NOT_ALLOWED = Words(
    403, "not_allowed", _("Không có quyền xem trang này"), _("Vai trò của tài khoản không được mở trang này.")
)
NOT_SIGNED_IN = Words(
    401, "not_signed_in", _("Chưa đăng nhập"), _("Xin đăng nhập. Phiên làm việc có thể đã hết hạn.")
)
CONFLICT = Words(
    409,
    "conflict",
    _("Phiếu này đã được ghi nhận trước đó."),
    _("Câu trả lời mới không được lưu."),
)
BUSY = Words(
    503, "unavailable", _("Hệ thống bận"), _("Hệ thống tạm thời không phục vụ được. Xin thử lại sau ít phút.")
)
BROKEN = Words(
    500,
    "error",
    _("Hệ thống gặp lỗi"),
    _("Lỗi đã được ghi lại. Xin thử lại; nếu vẫn lỗi, xin báo mã sự cố dưới đây."),
)
UNKNOWN_OUTCOME = Words(
    503,
    "outcome_unknown",
    _("Mất liên lạc với nơi lưu dữ liệu"),
    _("Chưa biết câu trả lời đã được lưu hay chưa. Xin gửi lại: gửi lại không bị tính hai lần."),
)
FORM_EXPIRED = Words(
    400, "form_expired", _("Biểu mẫu không còn hiệu lực"), _("Xin tải lại trang rồi gửi lại biểu mẫu.")
)

# The one table. A class that is not listed speaks through its nearest listed base.
SURVEY_ERRORS: Mapping[type[survey.SurveyError], Words] = {
    survey.SurveyError: Words(
        422, "invalid", _("Không thực hiện được yêu cầu"), _("Nội dung gửi đến không hợp lệ.")
    ),
    survey.BadToken: Words(
        400,
        "bad_token",
        _("Trang này không còn hiệu lực"),
        _("Xin quét lại mã QR hoặc mở lại trang rồi trả lời."),
    ),
    survey.UnknownCode: Words(
        404,
        "unknown_code",
        _("Mã không đúng hoặc đã hết hạn."),
        _("Xin kiểm tra lại 8 ký tự dưới mã QR."),
    ),
    survey.WaveClosed: Words(
        410,
        "wave_closed",
        _("Đợt khảo sát này đã kết thúc"),
        _("Ông/Bà vẫn có thể đánh giá lần phục vụ hôm nay."),
    ),
    survey.NoOpenWave: Words(
        404, "no_open_wave", _("Hôm nay nơi này chưa hỏi ý kiến"), _("Xin quay lại vào dịp khác.")
    ),
    survey.PeriodNotKept: Words(
        410,
        "period_not_kept",
        _("Kỳ này không còn tính được"),
        _(
            "Kỳ cắt ngang tháng của một đợt đã khóa sổ từ lâu; ngày trả lời của đợt đó nay chỉ còn tháng. Xin chọn kỳ "
            "đã có khi khóa sổ, hoặc kỳ trọn tháng."
        ),
    ),
    survey.WaveRefused: Words(
        409,
        "wave_refused",
        _("Chưa làm được với đợt khảo sát này"),
        _("Trạng thái của đợt không cho phép việc này. Xin mở lại trang của đợt."),
    ),
    survey.PublicationRefused: Words(
        409,
        "publication_refused",
        _("Chưa làm được với kết quả này"),
        _("Trạng thái của kết quả không cho phép việc này. Xin mở lại trang của kết quả."),
    ),
    survey.AlreadyAnsweredDifferently: CONFLICT,
    survey.OutcomeUnknown: UNKNOWN_OUTCOME,
    survey.WorkAsked: Words(
        429,
        "work_asked",
        _("Đang có rất nhiều người gửi cùng lúc"),
        _("Xin giữ nguyên trang này và gửi lại sau một phút."),
    ),
    survey.UnknownSubmission: Words(
        404,
        "unknown_submission",
        _("Chưa thấy phần trả lời đầu tiên"),
        _("Xin mở lại trang và trả lời từ đầu."),
    ),
    survey.NotFound: NOT_FOUND,
    survey.RegistryMovedOn: Words(
        409,
        "registry_moved_on",
        _("Danh mục đã thay đổi từ khi đề nghị"),
        _("Chưa thay đổi gì. Xin từ chối đề nghị này và lập đề nghị mới."),
    ),
    survey.RegistryRefused: Words(
        409,
        "registry_refused",
        _("Danh mục không cho phép thay đổi này nữa"),
        _("Chưa thay đổi gì. Xin mở trang của thay đổi này để xem lý do."),
    ),
    survey.DisclosureLeft: Words(
        409,
        "disclosure_left",
        _("Chưa phát hành được kết quả này"),
        _("Đặt cạnh các kết quả đã phát hành, số liệu sẽ để lộ một nhóm quá ít người. Xin chờ kỳ sau."),
    ),
    survey.ExportBusy: Words(
        503,
        "export_busy",
        _("Đang có một tệp lớn khác được xuất"),
        _("Mỗi lúc chỉ xuất một tệp lớn. Xin thử lại sau ít phút."),
    ),
    survey.ExportFailed: Words(
        503,
        "export_failed",
        _("Chưa xuất được tệp này"),
        _("Việc xuất tệp bị dừng giữa chừng. Xin thử lại; có thể xuất từng định dạng một."),
    ),
    survey.InvalidBody: BAD_REQUEST,
    survey.NotSignedIn: NOT_SIGNED_IN,
    survey.NotAllowed: NOT_ALLOWED,
    survey.SecondFactorMissing: Words(
        403,
        "second_factor_missing",
        _("Cần thiết lập xác thực hai lớp"),
        _("Vai trò này phải có xác thực hai lớp trước khi mở các trang khác."),
    ),
    survey.InvitationOver: Words(
        404,
        "invitation_over",
        _("Liên kết không còn hiệu lực"),
        _(
            "Liên kết đã được dùng, đã thu hồi hoặc quá hạn. Xin đề nghị người quản lý tài khoản cấp liên kết mới."
        ),
    ),
    survey.OwnAccount: Words(
        422,
        "own_account",
        _("Không tự sửa được tài khoản của mình"),
        _("Vai trò, đơn vị và trạng thái của tài khoản đang dùng phải do người khác sửa."),
    ),
    survey.LastAdministrator: Words(
        409,
        "last_administrator",
        _("Đây là quản trị hệ thống cuối cùng"),
        _("Hệ thống luôn phải còn ít nhất một quản trị đang hoạt động. Xin giao quyền cho người khác trước."),
    ),
    survey.UnknownEnrolment: Words(
        404,
        "unknown_enrolment",
        _("Mã đăng ký không đúng, đã dùng hoặc đã hết hạn."),
        _("Xin hỏi người quản trị một mã mới. Mỗi mã dùng một lần, trong một giờ."),
    ),
    survey.DeviceRefused: Words(
        401,
        "device_refused",
        _("Máy tạm ngừng nhận ý kiến."),
        _("Máy này chưa được đăng ký. Xin dùng phiếu giấy hoặc mã QR bên cạnh."),
    ),
    survey.DeviceRevoked: Words(
        403,
        "device_revoked",
        _("Máy tạm ngừng nhận ý kiến."),
        _("Máy này đã ngừng sử dụng. Xin dùng phiếu giấy hoặc mã QR bên cạnh."),
    ),
    survey.UnreadableQueue: Words(
        422,
        "unreadable_queue",
        _("Không đọc được tệp phiếu chưa gửi"),
        _("Tệp không phải do máy của hệ thống này xuất ra, hoặc đã bị sửa. Không phiếu nào được thêm."),
    ),
    survey.InvalidProfile: Words(
        422, "invalid_profile", _("Chưa lưu được cài đặt của máy"), _("Có mục chưa đúng. Xin xem lại.")
    ),
    survey.ForeignOrigin: Words(
        403,
        "foreign_origin",
        _("Không nhận được câu trả lời"),
        _("Yêu cầu đến từ một trang khác. Xin quét lại mã QR hoặc mở lại trang rồi trả lời."),
    ),
    survey.SignInRefused: Words(
        401, "sign_in_refused", _("Không đăng nhập được"), _("Tên đăng nhập hoặc mật khẩu không đúng.")
    ),
    survey.SignOnRefused: Words(
        401,
        "sign_on_refused",
        _("Không đăng nhập được"),
        _("Cổng đăng nhập không xác nhận được ông/bà là ai. Xin bắt đầu lại từ trang đăng nhập."),
    ),
    survey.SignOnUnavailable: Words(
        503,
        "sign_on_unavailable",
        _("Không liên lạc được với cổng đăng nhập"),
        _("Xin thử lại sau ít phút, hoặc đăng nhập bằng tên và mật khẩu."),
    ),
    survey.SignInThrottled: Words(
        429, "throttled", _("Xin chờ một lát"), _("Đã có nhiều lần đăng nhập không đúng với tên này.")
    ),
    survey.SignInBusy: BUSY,
    survey.AlreadyExists: Words(
        409, "already_exists", _("Đã có rồi"), _("Nội dung này đã được ghi trước đó; bản ghi trước được giữ.")
    ),
    survey.SamePersonTwice: Words(
        422, "same_person", _("Cần hai người"), _("Hòm phiếu phải do hai người khác nhau cùng mở.")
    ),
    survey.CountsDoNotFit: Words(
        422,
        "counts",
        _("Số phiếu không khớp"),
        _("Số phiếu vượt quá tập phiếu, hoặc số trắng và hỏng nhiều hơn số thu."),
    ),
    survey.DayOutOfRange: Words(
        422,
        "day",
        _("Ngày không hợp lệ"),
        _("Ngày mở hòm không được sau hôm nay hoặc trước ngày lập tập phiếu."),
    ),
    survey.BatchNotReady: Words(
        409,
        "batch_not_ready",
        _("Chưa làm được bước này"),
        _("Lô phiếu đang ở bước khác. Xin mở lại trang của lô phiếu."),
    ),
    survey.RowKeyedElsewhere: Words(
        409,
        "row_keyed_elsewhere",
        _("Phiếu này đã có người khác nhập"),
        _("Xin tải lại trang để xem dòng đã lưu."),
    ),
    survey.DifferenceUnexplained: Words(
        422,
        "difference",
        _("Số phiếu chưa khớp"),
        _("Số phiếu nhập khác số phiếu đếm khi mở hòm. Xin nhập thêm hoặc ghi lý do."),
    ),
    survey.CaseClosed: Words(
        409,
        "case_closed",
        _("Phiếu này đã được ghi nhận trước đó."),
        _("Kết quả ghi lần đầu được giữ nguyên. Xin quay lại danh sách phiếu."),
    ),
    survey.InterviewsOver: Words(
        410,
        "interviews_over",
        _("Đợt phỏng vấn chưa mở hoặc đã kết thúc"),
        _("Không mở được phiếu mới. Xin hỏi cơ quan giao phiếu."),
    ),
    survey.InvalidField: Words(
        422,
        "invalid_field",
        _("Giá trị không dùng được"),
        _("Một trường của yêu cầu có giá trị không hợp lệ."),
    ),
    survey.BadApiKey: Words(
        401,
        "bad_key",
        _("Thiếu khóa hoặc khóa không đúng"),
        _("Xin gửi khóa còn hiệu lực trong tiêu đề Authorization: Bearer."),
    ),
    survey.MissingScope: Words(
        403,
        "missing_scope",
        _("Khóa không được làm việc này"),
        _("Khóa đúng nhưng không có quyền cần thiết."),
    ),
    survey.KeyUsedDifferently: Words(
        409,
        "key_used",
        _("Khóa chống lặp đã được dùng"),
        _("Khóa này đã dùng cho một yêu cầu có nội dung khác; yêu cầu đầu tiên được giữ nguyên."),
    ),
    survey.NeedsSecondPerson: Words(
        403,
        "second_person",
        _("Cần người thứ hai"),
        _("Người đề nghị không được tự duyệt. Xin nhờ một người khác có quyền duyệt."),
    ),
    survey.AlreadyDecided: Words(
        409,
        "already_decided",
        _("Đề nghị này đã được quyết định"),
        _("Đã có người duyệt, từ chối hoặc rút đề nghị này. Xin mở lại danh sách."),
    ),
    survey.TooFewToExclude: Words(
        422,
        "too_few",
        _("Quá ít phiếu"),
        _("Phạm vi này có quá ít phiếu nên không được xem hay loại riêng. Xin chọn phạm vi rộng hơn."),
    ),
    survey.TooAlikeToExclude: Words(
        422,
        "too_alike",
        _("Quá giống một phạm vi đã xem"),
        _(
            "Phạm vi này chỉ khác phạm vi đã xem trước đó một ít phiếu; so hai số liệu sẽ lộ câu trả lời của từng "
            "người. Xin chọn đúng phạm vi trước, hoặc một phạm vi khác hẳn."
        ),
    ),
    survey.DatesReversed: Words(
        422, "dates_reversed", _("Ngày không hợp lệ"), _("Ngày cuối không được trước ngày đầu.")
    ),
    survey.RootsBroken: Words(
        409,
        "roots_broken",
        _("Phiếu không còn nguyên vẹn"),
        _("Phiếu của đợt này khác với lúc được niêm, nên chưa làm gì. Xin chạy flask audit verify."),
    ),
    survey.DraftLocked: Words(
        409,
        "draft_locked",
        _("Bản thảo đang khóa"),
        _("Bản thảo đang chờ duyệt hoặc đã ban hành nên không sửa được. Xin mở lại trang bản thảo."),
    ),
    survey.DraftChanged: Words(
        409,
        "draft_changed",
        _("Bản thảo vừa được người khác sửa"),
        _("Thay đổi của ông/bà chưa được lưu. Xin mở lại bản thảo, xem nội dung mới rồi sửa lại."),
    ),
    survey.MappingChanged: Words(
        409,
        "mapping_changed",
        _("Bảng nối đã đổi từ khi đề nghị"),
        _("Câu này vừa được nối khác đi. Xin từ chối đề nghị này, xem bảng nối mới rồi đề nghị lại nếu cần."),
    ),
    survey.DraftHasFaults: Words(
        422,
        "draft_has_faults",
        _("Bản thảo còn lỗi"),
        _("Xin sửa hết các lỗi được liệt kê trên trang bản thảo trước khi gửi duyệt."),
    ),
    survey.PublishedVersionImmutable: Words(
        409,
        "published_already",
        _("Phiên bản này đã ban hành với nội dung khác"),
        _("Phiên bản đã ban hành không sửa được. Xin soạn phiên bản có số tiếp theo."),
    ),
    survey.DefinitionError: Words(
        422,
        "definition",
        _("Phiếu hỏi chưa đúng"),
        _("Có chỗ trong phiếu hỏi chưa đúng. Xin mở bản thảo để xem từng lỗi."),
    ),
    survey.FrameRefused: Words(
        422,
        "frame_refused",
        _("Không nhận danh sách này"),
        _("Danh sách có dòng lỗi nên chưa nhận dòng nào."),
    ),
    survey.DrawRefused: Words(
        409, "draw_refused", _("Không chọn mẫu được"), _("Mẫu đã chọn hoặc khung mẫu không cho làm việc này.")
    ),
    survey.UnreadableTable: Words(
        422, "unreadable_table", _("Không đọc được tệp"), _("Tệp không phải bảng CSV hoặc XLSX đọc được.")
    ),
    survey.RecordingRefused: Words(
        422,
        "recording_refused",
        _("Không nhận tệp này"),
        _("Tệp phải là Ogg hoặc MP3, tối đa 300 kB và 60 giây."),
    ),
}
HTTP_ERRORS: Mapping[int, Words] = {
    400: BAD_REQUEST,
    403: NOT_ALLOWED,
    404: NOT_FOUND,
    405: Words(
        405, "method_not_allowed", _("Không dùng được cách này"), _("Trang này không nhận loại yêu cầu đó.")
    ),
    409: CONFLICT,
    413: Words(413, "too_large", _("Nội dung quá dài"), _("Nội dung gửi đến vượt quá giới hạn.")),
    415: Words(415, "unsupported", _("Không đọc được yêu cầu"), _("Kiểu dữ liệu gửi đến không được hỗ trợ.")),
    503: BUSY,
}
# The page of last resort depends on no template, no catalogue and no database.
_PLAIN_PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Hệ thống gặp lỗi</title></head><body><main role="alert">
<h1>Hệ thống gặp lỗi</h1><p>{saved_vi} Mã sự cố: <strong>{code}</strong></p>
<p lang="en">The system has failed. {saved_en} Incident code: <strong>{code}</strong></p></main></body></html>
"""


def init_app(app: Flask) -> None:
    app.register_error_handler(survey.SurveyError, _survey_error)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(PoolTimeout, _database_error)
    app.register_error_handler(Exception, _last_resort)
    app.register_error_handler(InternalServerError, _failed_while_failing)
    app.log_exception = _leave_logging_to_us  # type: ignore[assignment, method-assign]


def all_words() -> tuple[Words, ...]:
    """Everything that a program may be told."""
    return (*SURVEY_ERRORS.values(), *HTTP_ERRORS.values(), BROKEN, FORM_EXPIRED)


def problem_type(name: str) -> str:
    """What a problem is called: an anchor in the description of the API."""
    return f"/api/v1/openapi.json#{name}"


def words_for(error: survey.SurveyError) -> Words:
    """What the table says of this error, or of the nearest base it lists."""
    return next(SURVEY_ERRORS[kind] for kind in type(error).__mro__ if kind in SURVEY_ERRORS)


def error_response(
    words: Words,
    *,
    incident: str = "",
    retry_after: int | None = None,
    more: Mapping[str, object] = MappingProxyType({}),
    error: survey.SurveyError | None = None,
) -> Response:
    """The page, or the JSON, in the reader's language; a failed POST says whether anything was saved.

    A program also gets the words in every language: whom it will show them to may not be who sent the request.
    """
    if security.is_api_request():
        response = _problem(words, _saved_sentence(words), incident=incident, error=error)
    elif _wants_json():
        body = {"status": words.name, "message": _message(words), "messages": _messages(words), **more}
        response = jsonify(body | ({"incident": incident} if incident else {}))
    else:
        saved = _saved_sentence(words)
        template = "errors/citizen.html" if security.is_citizen_request() else "errors/error.html"
        page = render_template(template, words=words, saved=saved, incident=incident, retry_after=retry_after)
        response = make_response(page)
    response.status_code = words.status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _message(words: Words) -> str:
    parts = (f"{words.title}".rstrip(".") + ".", f"{words.text}", _saved_sentence(words))
    return " ".join(part for part in parts if part)


def _messages(words: Words) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with force_locale(language):
            found[language] = _message(words)
    return found


def _survey_error(error: survey.SurveyError) -> Response | WerkzeugResponse:
    if (
        isinstance(error, survey.NotSignedIn)
        and request.method in security.SAFE_METHODS
        and not _wants_json()
    ):
        return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")), code=303)
    if isinstance(error, survey.SecondFactorMissing) and request.method in security.SAFE_METHODS:
        return redirect(url_for("auth.second_factor"), code=303)
    retry_after = getattr(error, "retry_after", None)
    words = words_for(error)
    if retry_after is None and words.status == 503:
        retry_after = RETRY_AFTER_SECONDS
    more = {"challenge": error.challenge} if isinstance(error, survey.WorkAsked) else {}
    return error_response(words, retry_after=retry_after, more=more, error=error)


def _form_expired(error: CSRFError) -> Response:
    return error_response(FORM_EXPIRED)


def _http_error(error: HTTPException) -> Response | WerkzeugResponse:
    """Werkzeug's refusals in our words; its redirects as they are, and its headers (Allow) kept."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    words = HTTP_ERRORS.get(status, BROKEN if status >= 500 else BAD_REQUEST)
    if words.status != status:
        words = replace(words, status=status)
    response = error_response(words, retry_after=RETRY_AFTER_SECONDS if status == 503 else None)
    for name, value in error.get_headers(request.environ):
        if name not in {"Content-Type", "Content-Length"}:
            response.headers.setdefault(name, value)
    return response


def _database_error(error: DBAPIError | PoolTimeout) -> Response:
    """The database is away, locked or full: nothing was stored, and trying again soon makes sense."""
    if isinstance(error, _OUR_MISTAKES):
        return _last_resort(error)
    incident = _log_incident(error)
    _look_nothing_up()
    return error_response(BUSY, incident=incident, retry_after=RETRY_AFTER_SECONDS)


def _last_resort(error: Exception) -> Response:
    """Anything unforeseen: logged under a code, told without details. Tests see the error itself."""
    if _is_propagating():
        raise error
    incident = _log_incident(error)
    _look_nothing_up()
    return error_response(BROKEN, incident=incident)


def _failed_while_failing(error: InternalServerError) -> Response:
    """Drawing an error page failed: what is left needs nothing that could fail."""
    incident = _log_incident(error.original_exception or error)
    is_post = request.method not in security.SAFE_METHODS
    page = _PLAIN_PAGE.format(
        code=incident,
        saved_vi="Dữ liệu vừa gửi CHƯA được lưu." if is_post else "",
        saved_en="What you sent was NOT saved." if is_post else "",
    )
    return Response(page, status=500, mimetype="text/html")


def _leave_logging_to_us(_exc_info: object) -> None:
    """Flask would log the address and the error's text; `_failed_while_failing` logs neither."""


def _log_incident(error: BaseException) -> str:
    """One line with a code, the endpoint and the place in the code.

    Neither the address nor the error's own text is logged: both may carry what a citizen wrote.
    """
    incident = "".join(secrets.choice(INCIDENT_ALPHABET) for _ in range(8))
    frames = traceback.extract_tb(error.__traceback__ or sys.exc_info()[2])
    place = " > ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames[-12:]
    )
    cause = type(getattr(error, "orig", None)).__name__ if isinstance(error, DBAPIError) else "-"
    logger.error(
        "incident=%s endpoint=%s method=%s error=%s cause=%s at=%s",
        incident, request.endpoint, request.method, type(error).__name__, cause, place,
    )  # fmt: skip
    return incident


def _look_nothing_up() -> None:
    """Let the error page be drawn without asking a database that has just failed who is signed in."""
    if "staff_session" not in g:
        g.staff_session = None


def _is_propagating() -> bool:
    """The same switch as Flask's own."""
    configured = current_app.config["PROPAGATE_EXCEPTIONS"]
    return bool(current_app.testing or current_app.debug if configured is None else configured)


def _saved_sentence(words: Words) -> str:
    if request.method in security.SAFE_METHODS or words is CONFLICT or words is UNKNOWN_OUTCOME:
        return ""
    if request.endpoint == "auth.sign_in_post":
        return ""
    if security.is_api_request() and words.status >= 500:
        return str(
            gettext("Có thể một phần đã được lưu. Xin gửi lại nguyên yêu cầu: phần đã lưu được nhận ra.")
        )
    return str(gettext("Dữ liệu vừa gửi CHƯA được lưu."))


def _problem(words: Words, saved: str, *, incident: str, error: survey.SurveyError | None) -> Response:
    """Problem details for programs (RFC 9457); the type is an anchor in the description of the API."""
    body: dict[str, object] = {
        "type": problem_type(words.name),
        "title": f"{words.title}",
        "status": words.status,
        "detail": f"{words.text} {saved}".strip(),
    }
    if incident:
        body["incident"] = incident
    if isinstance(error, survey.InvalidField):
        body |= {
            "detail": f"{reason_words(error.reason)} {saved}".strip(),
            "field": error.field,
            "reason": error.reason,
        }
    response = jsonify(body)
    response.mimetype = "application/problem+json"
    if isinstance(error, survey.BadApiKey):
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if isinstance(error, survey.MissingScope):
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.scope}"'
    return response


def _wants_json() -> bool:
    """Programs get JSON: those that sent some, or that accept it and not a page."""
    if request.is_json:
        return True
    accepted = request.accept_mimetypes
    return accepted.accept_json and not accepted.accept_html
