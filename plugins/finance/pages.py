"""The blueprint that all of finance's pages hang on."""

from flask import Blueprint

bp = Blueprint("finance", __name__, template_folder="templates", static_folder="static")
