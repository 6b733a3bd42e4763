"""The blueprint that all of logistics' pages hang on."""

from flask import Blueprint

bp = Blueprint("logistics", __name__, template_folder="templates", static_folder="static")
