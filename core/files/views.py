"""Give stored files to those who may see them, so that nothing in them runs."""

from flask import Blueprint, Response, abort, request, send_file

from core.access import current_actor, load, needs
from core.contracts import SIGNED_IN
from core.files import services
from core.files.models import File
from core.files.rules import IMAGE, PDF

bp = Blueprint("files", __name__)

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# Safari shows nothing of a PDF in a sandbox, and no browser's viewer runs what is in it as a page of ours.
SANDBOX = f"sandbox; {POLICY}"


@bp.get("/files/<token>")
@needs(SIGNED_IN)
def download(token: str) -> Response:
    file = load(File, current_actor(), token=token)
    return _give(file, file.media_type, inline=file.kind in {IMAGE, PDF})


@bp.get("/files/<token>/thumb")
@needs(SIGNED_IN)
def thumb(token: str) -> Response:
    file = load(File, current_actor(), token=token)
    if not file.thumb:
        abort(404)
    return _give(file, "image/webp", inline=True, thumb=True)


def _give(file: File, media_type: str, inline: bool, thumb: bool = False) -> Response:
    try:
        body = services.stream(file, thumb)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        body,
        mimetype=media_type,
        as_attachment=not inline,
        download_name=None if thumb else file.name,
        etag=file.thumb if thumb and file.thumb else file.sha256,
        conditional=False,
        max_age=3600 if thumb else 0,
    )
    response.cache_control.private = True
    response.cache_control.public = None
    response.headers["Content-Security-Policy"] = POLICY if media_type == "application/pdf" else SANDBOX
    if not thumb:
        response.content_length = file.size
    return response.make_conditional(request.environ, accept_ranges=not thumb, complete_length=file.size)
