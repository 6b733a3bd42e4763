"""Print an issued document: its row becomes a page, the page a PDF, and the PDF is sealed to the row."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import current_app
from jinja2 import TemplateError
from PIL import Image

from core import plugins
from core.audit import services as audit
from core.contracts import Actor, Ref
from core.documents import fonts
from core.documents.models import Document, DocumentPrint
from core.documents.render import Page, faulty, render
from core.documents.templating import environment
from core.extensions import db
from core.files import blobs
from core.files import services as files
from core.files.rules import PDF, Accepted
from core.language import speaking

PICTURE = re.compile(r'src="(picture:([0-9a-f]{64}))"')
PIXELS = 480
STYLE = "documents/print.css"


def compose(document: Document) -> tuple[Page, str]:
    """The document's page, and the characters in it that no font has."""
    with speaking(document.language):
        try:
            covered = fonts.cover(_fill(document))
            missing = covered.missing
            if missing:
                covered = fonts.cover(_fill(document, missing))
        except TemplateError as error:
            raise faulty(f"{document.template}: {error}") from error
    style = environment(current_app).get_template(STYLE).render()  # type: ignore[arg-type]
    return Page(covered.text, style, covered.lent), missing


def _fill(document: Document, missing: str = "") -> str:
    template = environment(current_app).get_template(document.template)  # type: ignore[arg-type]
    return template.render(**document.snapshot, document=_envelope(document, missing))


def _envelope(document: Document, missing: str) -> dict[str, Any]:
    """What every template knows of the document itself, as ``document``."""
    return {
        "number": document.number,
        "label": document.label,
        "language": document.language,
        "zone": document.zone,
        "issued_at": document.issued_at.isoformat(),
        "issuer": document.issuer,
        "template_version": f"{document.kind} {document.template_version}",
        "snapshot_sha256": document.snapshot_sha256,
        "verify_url": f"{document.address}/v/{document.token}" if document.address else "",
        "supersedes": document.supersedes.number if document.supersedes else "",
        "missing": codes(missing),
        "substitute": fonts.SUBSTITUTE,
    }


def codes(characters: str) -> list[str]:
    """Characters by their code points: they cannot be shown where they are missing."""
    return [f"U+{ord(character):04X}" for character in characters]


def paint(document: Document) -> tuple[bytes, str]:
    """The document's PDF, and the characters that stand in it as a geta mark; the same bytes every time."""
    page, missing = compose(document)
    pictures = {address: _picture(digest) for address, digest in set(PICTURE.findall(page.html))}
    return render(page, Path(current_app.config["HOME"]), pictures), missing


def _picture(digest: str) -> bytes:
    """A stored thumbnail as a JPEG of the size it is printed in; a PDF would hold its own format uncompressed."""
    with Image.open(io.BytesIO(blobs.read(digest))) as picture:
        picture.thumbnail((PIXELS, PIXELS))
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A") if "A" in picture.getbands() else None)
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=85)
    return out.getvalue()


def print_document(payload: dict[str, Any], progress: Any) -> dict[str, Any] | Callable[[], dict[str, Any]]:
    """The job: print one document, unless that is done."""
    document = db.session.get_one(Document, payload["document"])
    result = {"number": document.number}
    if document.printed is not None:
        return result
    actor: Actor = progress.actor
    pdf, missing = paint(document)
    file = files.put(Accepted(pdf, "application/pdf", PDF, f"{document.number}.pdf"), actor)

    def seal() -> dict[str, Any]:
        db.session.add(file)
        db.session.flush()
        lost = ", ".join(codes(missing))
        db.session.add(DocumentPrint(document_id=document.id, file_id=file.id, sha256=file.sha256, missing=lost))
        said = {"number": document.number, "sha256": file.sha256, "missing": lost}
        audit.record(actor, "print_document", Ref("core.document", document.id), said, store_id=document.store_id)
        plugins.tell_later("document_issued", document=document, actor=actor)
        return result

    return seal
