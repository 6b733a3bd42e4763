"""How long the server computes for a page, without the network and without waiting for others on the machine."""

from collections.abc import Iterable
from statistics import median
from time import process_time

from flask import Flask

from core.accounts.models import User
from core.accounts.testing import sign_in
from core.extensions import db

TIMES = 7


def show(app: Flask, addresses: Iterable[str]) -> None:
    """Print the median time of each page as the app's first user sees it."""
    client = app.test_client()
    with app.app_context():
        user = db.session.get_one(User, 1)
    sign_in(client, user)
    for address in addresses:
        times = []
        for _ in range(TIMES):
            begun = process_time()
            answer = client.get(address)
            answer.get_data()
            times.append(process_time() - begun)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answers {answer.status_code}")
        print(f"  {address:42} {median(times) * 1000:7.1f} ms")
