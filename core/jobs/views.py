"""How far a job is, for those who asked for it."""

from flask import Blueprint, Response, request

from core.access import current_actor, load, needs
from core.contracts import SIGNED_IN
from core.jobs.models import Job
from core.jobs.rules import DONE
from core.web import respond

bp = Blueprint("jobs", __name__)


@bp.get("/jobs/<int:job_id>")
@needs(SIGNED_IN)
def status(job_id: int) -> Response:
    job = load(Job, current_actor(), id=job_id)
    found = (job.result or {}).get("url") if job.state == DONE else None
    if found and request.htmx:  # who waited for it is led on
        return Response(status=204, headers={"HX-Redirect": found})
    return respond("jobs/job.html", "jobs/status.html", job=job)
