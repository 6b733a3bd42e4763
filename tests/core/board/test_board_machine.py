"""People do what they like to tasks, in any order: what must hold then.

The legs of a task partition its life, a breach names one team, and the log alone tells how the task stands.
"""

import json

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.audit import services as audit
from core.board import clocks, contents, moves, rules, services
from core.board.situation import relatives, situation
from core.contracts import Ref
from core.messages import Refusal
from tests.core.board.conftest import MONDAY, TEAMS

CHANCE = st.randoms(use_true_random=True)  # picks evenly, where hypothesis would keep to the beginning of a list
NEXT = {
    "draft": "offer",
    "returned": "offer",
    "offered": "accept",
    "accepted": "start",
    "doing": "deliver",
    "waiting": "resume",
    "delivered": "sign_off",
}
COMPLETE = {"size": [1, 1], "what": "paper"}


class Board(RuleBasedStateMachine):
    """Up to four tasks in seven people's hands; ``desk`` and ``clock`` are the test's."""

    desk = clock = None

    @initialize()
    def begin(self):
        self.clock.at = MONDAY
        self.tasks = [self.desk.draft(brief=COMPLETE)]

    @rule(chance=CHANCE)
    def time_passes(self, chance):
        self.clock.forward(minutes=chance.choice([1, 30, 119, 480, 2000, 9000]))

    @precondition(lambda self: len(self.tasks) < 4)
    @rule(chance=CHANCE)
    def draft(self, chance):
        others, by, part = tuple(task.id for task in self.tasks), chance.choice(list(TEAMS)), chance.random() < 0.3
        draft = services.Draft(
            "New",
            chance.choice([COMPLETE] * 5 + [{}]),
            parent_id=others[0] if part else None,
            blockers=others[: chance.choice([0, 0, 1, 2])],
        )
        kind = chance.choice(["studio.poster", "warehouse.counting", "core.general"])
        try:
            team = next(iter(TEAMS[by]), "")
            self.tasks.append(services.draft_task(self.desk.actor(by), kind, team, draft))
        except Refusal:
            assert by == "root" or part  # no team to ask for, or the whole is closed or not theirs to see

    @rule(chance=CHANCE)
    def go_on(self, chance):
        """The next steps of a task that goes well."""
        self.steps(self.some(chance), chance.randint(1, 3))

    @rule(chance=CHANCE)
    def turn_aside(self, chance):
        """Some steps further, something else that somebody may do."""
        task = self.steps(self.some(chance), chance.randint(0, 4))
        possible = [name for name in rules.VERBS if name not in NEXT.values() and self.who_may(task, name)]
        if possible:
            name = chance.choice(possible)
            who = chance.choice(self.who_may(task, name))
            self.attempt(task, moves.move, name, self.desk.actor(who), said(chance, rules.VERBS[name]))

    def steps(self, task, count):
        for _ in range(count):
            if task.state in NEXT:
                self.one_step(task)
            task = self.desk.fresh(task)
        return task

    def one_step(self, task):
        verb, (who, *_) = NEXT[task.state], self.who_may(task, NEXT[task.state])
        if verb == "deliver":
            self.attempt(task, lambda _: self.desk.add(task, b"poster", "poster", who))
        for line in list(task.checks) if verb == "sign_off" else []:
            self.attempt(task, contents.set_check, line.name, "pass", "", self.desk.actor(who))
        self.attempt(task, moves.move, verb, self.desk.actor(who))

    def who_may(self, task, verb):
        facts = situation(task)
        return [name for name in TEAMS if rules.VERBS[verb] in rules.legal(facts, self.desk.actor(name))]

    @rule(chance=CHANCE)
    def try_anything(self, chance):
        task, who = self.some(chance), chance.choice(list(TEAMS))
        actor = self.desk.actor(who)
        name = chance.choice([*rules.VERBS, "comment", "edit", "check", "add_file"])
        work, *given = {
            "comment": (contents.comment, "@gao look", actor),
            "edit": (services.edit_task, actor, services.Draft(f"By {who}", COMPLETE), task.version),
            "check": (contents.set_check, "size", chance.choice(["pass", "fail", "na", ""]), "so", actor),
            "add_file": (lambda _, slot: self.desk.add(task, b"file", slot, who), chance.choice(["poster", "brief"])),
        }.get(name) or (moves.move, name, actor, said(chance, rules.VERBS[name]))
        self.attempt(task, work, *given)

    def some(self, chance):
        return self.desk.fresh(chance.choice(self.tasks))

    def attempt(self, task, work, *given, **more):
        """What goes through is logged and never lowers the version; a refusal changes nothing."""
        version, last = task.version, audit.last_event(Ref("core.task", task.id)).id
        try:
            work(task.id, *given, **more)
        except Refusal:
            task = self.desk.fresh(task)
            assert (task.version, audit.last_event(Ref("core.task", task.id)).id) == (version, last)
        else:
            task = self.desk.fresh(task)
            assert task.version >= version and audit.last_event(Ref("core.task", task.id)).id > last

    def teardown(self):
        for task in map(self.desk.fresh, self.tasks):
            legs_partition_its_life(task)
            breaches_name_one_team(task)
            the_log_tells_how_it_stands(task)


def test_whatever_people_do_legs_partition_time_and_the_log_tells_how_things_stand(desk, clock):
    no_shrinking = [Phase.reuse, Phase.generate]  # it would take minutes
    steps = settings(max_examples=12, stateful_step_count=40, deadline=None, phases=no_shrinking)
    run_state_machine_as_test(type("Board", (Board,), {"desk": desk, "clock": clock}), settings=steps)
    assert audit.verify().ok


def said(chance, verb):
    people = range(1, len(TEAMS) + 1)
    words = {
        "reason": chance.choice([*verb.reasons, "nonsense"]),
        "text": chance.choice(["because", "because", ""]),
        "waiting_for": chance.choice(["operations", "warehouse", "outside", "studio"]),
        "user": chance.choice(people),
        "users": chance.sample(people, chance.randint(0, 3)),
        "everyone": chance.random() < 0.5,
        "agreed": chance.choice([True, True, False, None]),
    }
    return {name: words.get(name) for name in verb.asks}


def legs_partition_its_life(task):
    office, end = clocks.calendar_of("operations"), task.closed_at or clocks.now()
    between = 0
    assert task.legs[0].started_at == task.created_at
    for leg, following in zip(task.legs, task.legs[1:], strict=False):
        opened_again = leg.state == following.state == "delivered"  # a newer file, after it was closed
        assert leg.ended_at == following.started_at or opened_again
        between += office.seconds_between(leg.ended_at, following.started_at)
    is_open = task.state in rules.OPEN
    assert [leg for leg in task.legs if leg.ended_at is None] == task.legs[-1:] * is_open
    assert task.closed_at == task.legs[-1].ended_at
    last = task.legs[-1]
    assert (task.leg_team, task.leg_due_at) == ((last.team, last.due_at) if is_open else ("", None))
    in_hand = sum(office.seconds_between(leg.started_at, leg.ended_at or end) for leg in task.legs)
    assert in_hand + between == office.seconds_between(task.created_at, end)


def breaches_name_one_team(task):
    for leg in task.legs:
        calendar = clocks.calendar_of(leg.team)
        if leg.ended_at is not None:
            assert leg.working_seconds == (calendar.seconds_between(leg.started_at, leg.ended_at) if leg.team else 0)
            assert leg.breached == (leg.due_at is not None and leg.ended_at > leg.due_at)
        if leg.state == "waiting":
            assert leg.team != task.responsible_team and not leg.breached
        else:
            assert leg.team in (task.requester_team, task.responsible_team)
        assert leg.due_at is None or calendar.seconds_between(leg.started_at, leg.due_at) <= leg.target_minutes * 60


def the_log_tells_how_it_stands(task):
    events = audit.events_of(Ref("core.task", task.id), limit=1000)[::-1]
    assert task.changed >= events[-1].id  # a move may log a line for another task too
    assert replayed(events) == {
        "state": task.state,
        "holder": task.holder_id,
        "round": task.round,
        "title": task.title,
        "brief": json.loads(json.dumps(task.brief)),
        "waiting": task.waiting,
        "withdraw_asked": task.withdraw_asked,
        "urges": task.urges,
        "checks": {check.name: check.result for check in task.checks if check.result},
        "files": [[file.slot, file.version, file.sha256] for file in task.files],
        "approvals": [[approval.files, approval.voided_at is None] for approval in task.approvals],
        "reasons": [[each.verb, each.reason, each.text] for each in task.rounds],
        "comments": [each.body for each in task.comments],
        "blockers": sorted(other.number for other in relatives(task).blockers),
    }


BEGINNING = {"holder": None, "round": 1, "waiting": None, "withdraw_asked": False, "urges": 0, "checks": {}}
LISTS = {"files": [], "approvals": [], "reasons": [], "comments": []}


def round_of(task, event):
    reason = [event.verb, event.data["reason"], event.data["text"]]
    return {"round": event.data["round"], "reasons": [*task["reasons"], reason]}


def file_of(task, event):
    data = event.data
    files = [*task["files"], [data["slot"], data["version"], data["sha256"]]]
    if data["slot"] == "brief":
        return {"files": files}
    voided = [[signed, False] for signed, _ in task["approvals"]]
    checks = {} if task["state"] in ("delivered", "done") else task["checks"]
    return {"files": files, "approvals": voided, "checks": checks}


# What each line of the log changes; the state is in its "to".
REPLAY = {
    "draft": lambda task, event: {name: event.data[name] for name in ("title", "brief", "blockers")},
    "edit": lambda task, event: {n: event.data[n][1] for n in ("title", "brief", "blockers") if n in event.data},
    "accept": lambda task, event: {"holder": event.actor_id},
    "return": lambda task, event: {**round_of(task, event), "holder": None},
    "rework": lambda task, event: {**round_of(task, event), "checks": {}},
    "withdraw": lambda task, event: {"holder": None},
    "agree_withdraw": lambda task, event: {"holder": None},
    "ask_withdraw": lambda task, event: {"withdraw_asked": True},
    "refuse_withdraw": lambda task, event: {"withdraw_asked": False},
    "reassign": lambda task, event: {"holder": event.data["user"]},
    "urge": lambda task, event: {"urges": event.data["urges"]},
    "wait": lambda task, event: {"waiting": {name: event.data[name] for name in ("team", "why", "until")}},
    "check": lambda task, event: {"checks": {**task["checks"], event.data["check"]: event.data["after"]}},
    "add_file": file_of,
    "sign_off": lambda task, event: {"approvals": [*task["approvals"], [event.data["files"], True]]},
    "comment": lambda task, event: {"comments": [*task["comments"], event.data["body"]]},
}


def replayed(events):
    """The task as its events alone tell it."""
    task = {**BEGINNING, **LISTS, "state": "draft"}
    for event in events:
        changed = REPLAY.get(event.verb, lambda task, event: {})(task, event)
        task = {**task, **changed, "state": event.data.get("to", task["state"])}
        task["waiting"] = task["waiting"] if task["state"] == "waiting" else None
        task["withdraw_asked"] = task["withdraw_asked"] and task["state"] in ("accepted", "doing", "waiting")
    return {**task, "checks": {name: result for name, result in task["checks"].items() if result}}
