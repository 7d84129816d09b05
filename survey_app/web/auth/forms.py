"""The forms of signing in and of one's own account: shape and wording only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from survey_app.services.accounts import MAX_NAME_LENGTH
from survey_app.services.passwords import MAX_LENGTH

_NAME_MISSING = _("Xin nhập tên đăng nhập.")
_PASSWORD_MISSING = _("Xin nhập mật khẩu.")
_TOO_LONG = _("Nội dung nhập quá dài.")


class SignInForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Tên đăng nhập"), [InputRequired(_NAME_MISSING), Length(max=MAX_NAME_LENGTH, message=_TOO_LONG)]
    )
    password = PasswordField(
        _("Mật khẩu"), [InputRequired(_PASSWORD_MISSING), Length(max=MAX_LENGTH, message=_TOO_LONG)]
    )
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    current = PasswordField(
        _("Mật khẩu hiện tại"), [InputRequired(_PASSWORD_MISSING), Length(max=MAX_LENGTH, message=_TOO_LONG)]
    )
    new = PasswordField(_("Mật khẩu mới"), [InputRequired(_("Xin nhập mật khẩu mới."))])
    repeated = PasswordField(
        _("Nhập lại mật khẩu mới"),
        [
            InputRequired(_("Xin nhập lại mật khẩu mới.")),
            EqualTo("new", _("Hai lần nhập mật khẩu mới không giống nhau.")),
        ],
    )


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _("Mã xác thực"), [InputRequired(_("Xin nhập mã.")), Length(max=40, message=_TOO_LONG)]
    )
    next = HiddenField()


class OwnPasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(
        _("Mật khẩu hiện tại"), [InputRequired(_PASSWORD_MISSING), Length(max=MAX_LENGTH, message=_TOO_LONG)]
    )


class KeyForm(FlaskForm):  # type: ignore[misc]
    """What the browser's own conversation with a security key gave, put there by the page's script."""

    answer = HiddenField()
    name = StringField(_("Tên của khóa"), [Length(max=60, message=_TOO_LONG)])
    next = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    new = PasswordField(_("Mật khẩu mới"), [InputRequired(_("Xin nhập mật khẩu mới."))])
    repeated = PasswordField(
        _("Nhập lại mật khẩu mới"),
        [
            InputRequired(_("Xin nhập lại mật khẩu mới.")),
            EqualTo("new", _("Hai lần nhập mật khẩu mới không giống nhau.")),
        ],
    )
