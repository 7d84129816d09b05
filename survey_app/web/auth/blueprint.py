"""The blueprint that every page of signing in and of one's own account is added to."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
