"""The documents' background work."""

from core.contracts import Job
from core.documents.printing import print_document
from core.documents.services import PRINT

JOBS = [Job(PRINT, print_document)]
