"""A task board's worth of synthetic tasks: 1,000 open ones of one team, alone or among 10,000 of twenty teams.

``load(path)`` reads the same shape from a JSON file, so that other boards' measurements can be repeated on the very
tasks they were made with.
"""

import json
import random
from pathlib import Path
from typing import Any

PLACES = [
    "首页",
    "详情页",
    "主图",
    "购物车",
    "优惠券",
    "尺码表",
    "套餐页",
    "会员页",
    "直播间",
    "售后页",
    "吊牌",
    "赠品卡",
]
ACTS = [
    "重做{p}的头图",
    "{p}换成双十一价格",
    "补拍{p}的细节图",
    "核对{p}的卖点文案",
    "{p}在手机上字太小",
    "{p}违禁词自查",
]
TAILS = ["", "", "（客户反馈）", "，本周内完成", "——需与运营确认", "（第二期）"]
NAMES = ["王伟", "李娜", "张敏", "刘强", "陈静", "杨洋", "赵磊", "黄丽", "周杰", "吴芳", "徐明", "孙平"]
COLUMNS = (300, 200, 200, 150, 150)


def make(size: str) -> dict[str, Any]:
    """``1k``: one project of 1,000 open tasks; ``10k``: the same one and nineteen more with 9,000, 30 % closed."""
    people = [{"login": f"user{n:02d}", "name": NAMES[n % len(NAMES)]} for n in range(1, 41 if size == "10k" else 13)]
    projects = [_project(1, people[:12], 1000, 0.0)]
    if size == "10k":
        projects += [_project(n, people, 9000 // 19 + (n <= 1 + 9000 % 19), 0.3) for n in range(2, 21)]
    return {"users": people, "projects": projects}


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def _project(number: int, people: list[dict[str, str]], size: int, closed: float) -> dict[str, Any]:
    chance = random.Random(number)
    columns = chance.choices(range(5), COLUMNS, k=size)
    if not closed:
        columns = [column for column, share in enumerate(COLUMNS) for _ in range(share * size // 1000)]
        chance.shuffle(columns)
    return {
        "name": f"团队{number:02d}",
        "members": [person["login"] for person in people],
        "tasks": [_task(chance, people, column, chance.random() < closed) for column in columns],
    }


def _task(chance: random.Random, people: list[dict[str, str]], column: int, closed: bool) -> dict[str, Any]:
    place = chance.choice(PLACES)
    return {
        "title": chance.choice(ACTS).format(p=place) + chance.choice(TAILS),
        "column": column,
        "closed": closed,
        "assignee": chance.choice(people)["login"] if chance.random() < 0.85 else None,
        "creator": chance.choice(people)["login"],
        "priority": chance.choices([0, 1, 2, 3], [5, 3, 2, 1])[0],
        "due_days": chance.randint(-20, 60) if chance.random() < 0.6 else None,
        "description": f"{place}：" + "请按需求补齐尺寸、文案和参考图。" * chance.randint(0, 6),
        "comments": [
            {"user": chance.choice(people)["login"], "text": f"{place}已看过，稍后回复。"}
            for _ in range(chance.choices(range(7), [30, 22, 18, 12, 8, 6, 4])[0])
        ],
    }
