"""Temporary: the owner replaces this file."""

from flask import Blueprint

from core.access import needs
from core.contracts import SIGNED_IN

bp = Blueprint("imports", __name__)


@bp.get("/imports")
@needs(SIGNED_IN)
def index() -> str:
    return ""
