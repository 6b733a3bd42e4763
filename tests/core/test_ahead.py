"""Work done before its turn comes."""

import threading

import pytest

from core.ahead import ahead


def test_what_is_made_comes_in_the_order_of_the_items():
    slow = threading.Event()

    def make(number):
        if number == 0:
            slow.wait(10)
        elif number == 1:
            slow.set()  # the second is done before the first
        return number * number

    assert list(ahead(make, range(7))) == [0, 1, 4, 9, 16, 25, 36]


@pytest.mark.parametrize("threads", [1, 2])
def test_only_so_many_of_the_next_are_begun_while_one_is_used(threads):
    taken = []
    work = ahead(str, (taken.append(number) or number for number in range(9)), threads)
    assert next(work) == "0"
    assert taken == [*range(threads + 1)]
    assert list(work) == [*"12345678"]


def test_what_fails_is_told_when_its_turn_comes_and_what_follows_is_left():
    used = []
    with pytest.raises(ZeroDivisionError):
        for each in ahead(lambda number: 6 // (2 - number), range(9)):
            used.append(each)
    assert used == [3, 6]
