"""How far a job is, for those who asked for it."""

from flask import Blueprint, Response, make_response, render_template

from core.access import current_actor, load, needs
from core.contracts import SIGNED_IN
from core.jobs.models import Job

bp = Blueprint("jobs", __name__)


@bp.get("/jobs/<int:job_id>")
@needs(SIGNED_IN)
def status(job_id: int) -> Response:
    job = load(Job, current_actor(), id=job_id)
    response = make_response(render_template("jobs/status.html", job=job))
    response.cache_control.no_store = True
    return response
