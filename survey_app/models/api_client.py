"""Programs that may call the API: what each may do, and for which part of the unit tree."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class ApiClient(Base):
    """A program of another system. Only the hash of its key is stored; `scopes` are words parted by a blank."""

    __tablename__ = "api_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    scopes: Mapped[str] = mapped_column(String(200))
    is_trial: Mapped[bool] = mapped_column(default=False)
    created_on: Mapped[date]
    expires_on: Mapped[date | None]
    revoked_on: Mapped[date | None]
