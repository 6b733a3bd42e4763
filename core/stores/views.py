"""Temporary: the owner replaces this file."""

from flask import Blueprint

from core.access import needs
from core.contracts import SIGNED_IN

bp = Blueprint("stores", __name__)


@bp.get("/stores")
@needs(SIGNED_IN)
def index() -> str:
    return ""


@bp.get("/products")
@needs(SIGNED_IN)
def products() -> str:
    return ""


@bp.get("/orders")
@needs(SIGNED_IN)
def orders() -> str:
    return ""
