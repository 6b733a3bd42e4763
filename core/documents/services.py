"""Issue documents, find them, and say what they are worth today."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, has_request_context, request
from sqlalchemy import Select, select

from core.access import allowed
from core.audit import services as audit
from core.board.models import Task
from core.columns import now
from core.contracts import Actor, DocumentType, Ref
from core.documents import rules
from core.documents.models import TASK, Document
from core.documents.templating import plain
from core.extensions import db
from core.jobs import services as jobs
from core.jobs.models import Job
from core.messages import Refusal, msg
from core.numbers import next_number
from core.registry import registry
from core.transactions import transaction

PRINT = "core.documents.print"
PRINTED_AT_ONCE = 15_000  # characters of the snapshot; more is left to the workers


def issue(kind: str, subject: Ref, actor: Actor, language: str | None = None) -> Document:
    """Issue a document about ``subject``: number it, keep what it says, and ask for its PDF, all at once.

    Where one of the same kind and language is out and still true, that one is returned. A newer one supersedes it.
    """
    offer, about = registry().documents.get(kind), found(subject)
    if offer is None or about is None or not _fits(offer, subject.kind, about):
        raise Refusal(msg("There is no such document to issue."))
    language = language or current_app.config["LANGUAGE"]
    snapshot = plain(dict(offer.snapshot(about)))
    at, zone = now(), current_app.config["TIME_ZONE"]
    today = at.astimezone(ZoneInfo(zone)).date()
    address = _address()
    with transaction() as session:
        session.scalar(select(type(about).id).where(type(about).id == subject.id).with_for_update())
        last = _latest(kind, subject, language)
        if last and last.template_version == offer.version and rules.says_the_same(last.snapshot, snapshot):
            return last
        document = Document(
            number=rules.document_number(offer.prefix, today, next_number(f"document.{offer.prefix}-{today:%Y%m%d}")),
            kind=kind,
            label=offer.label,
            template=offer.template,
            template_version=offer.version,
            subject_kind=subject.kind,
            subject_id=subject.id,
            store_id=getattr(about, "store_id", None),
            language=language,
            zone=zone,
            snapshot=snapshot,
            snapshot_sha256=rules.digest(snapshot),
            address=address,
            supersedes_id=last.id if last else None,
            issued_at=at,
            issued_by=actor.user_id,
            issuer=actor.name,
        )
        session.add(document)
        session.flush()
        said = {"number": document.number, "kind": kind, "snapshot_sha256": document.snapshot_sha256}
        audit.record(actor, "issue_document", subject, said, store_id=document.store_id)
        ask_for_print(document, actor)
    return document


def ask_for_print(document: Document, actor: Actor) -> Job:
    """Ask for the PDF of an issued document; it is made once, however often it is asked for."""
    return jobs.enqueue(PRINT, {"document": document.id}, key=f"{PRINT}:{document.id}", actor=actor)


def print_soon(document: Document, actor: Actor) -> None:
    """Print a small document here and now, unless a worker was faster; a large one is left to the workers."""
    if document.printed is None and len(str(document.snapshot)) <= PRINTED_AT_ONCE:
        jobs.run(ask_for_print(document, actor).id)
        db.session.rollback()
        db.session.expire_all()


def last_job(document: Document) -> Job | None:
    """The newest attempt to print the document."""
    mine = Job.key == f"{PRINT}:{document.id}"
    return db.session.scalar(select(Job).where(mine).order_by(Job.id.desc()).limit(1))


def found(subject: Ref) -> Any | None:
    """What ``subject`` names; None if it is gone or its plugin switched off."""
    model = Task if subject.kind == TASK else getattr(registry().record_types.get(subject.kind), "model", None)
    return db.session.get(model, subject.id) if model else None


def _fits(offer: DocumentType, kind: str, about: Any) -> bool:
    return offer.subject == kind and (not offer.task_types or about.type in offer.task_types)


def offered_for(subject: Ref, actor: Actor) -> list[DocumentType]:
    """Kinds of documents that ``actor`` may issue about ``subject``."""
    about = found(subject)
    return [
        offer
        for offer in registry().documents.values()
        if _fits(offer, subject.kind, about) and allowed(actor, offer.permission, about)
    ]


def documents_of(subject: Ref) -> Sequence[Document]:
    """All documents about one subject, newest first."""
    return db.session.scalars(_about(subject)).all()


def _about(subject: Ref) -> Select[Document]:
    mine = (Document.subject_kind == subject.kind, Document.subject_id == subject.id)
    return select(Document).where(*mine).order_by(Document.id.desc())


def _latest(kind: str, subject: Ref, language: str) -> Document | None:
    same = (Document.kind == kind, Document.language == language)
    return db.session.scalar(_about(subject).where(*same).limit(1))


def superseded_by(document: Document) -> Document | None:
    """The newest later document of the same kind, language and subject that has been printed."""
    newest = _latest(document.kind, document.subject, document.language)
    while newest is not None and newest.id > document.id and newest.printed is None:
        newest = newest.supersedes
    return newest if newest is not None and newest.id > document.id else None


def standing(document: Document) -> str:
    """What the document is worth today: one of ``rules.STANDINGS``."""
    if superseded_by(document) is not None:
        return rules.SUPERSEDED
    offer, about = registry().documents.get(document.kind), found(document.subject)
    if offer is None or about is None:
        return rules.UNKNOWN
    same = rules.says_the_same(document.snapshot, plain(dict(offer.snapshot(about))))
    return rules.CURRENT if same else rules.CHANGED


def _address() -> str:
    """Where this installation answers, for the QR code; empty when nobody said and no request shows it."""
    public = str(current_app.config["PUBLIC_URL"])
    return (public or (request.url_root if has_request_context() else "")).rstrip("/")
