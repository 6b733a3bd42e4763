"""Design's part of the demo store: requests in every state, with pictures."""

from dataclasses import dataclass, field
from typing import Any

from core.answers import Demo
from core.board import contents, moves, services
from core.board.models import Task
from plugins.design.types import FINAL, IMAGE_RETOUCH, PAGE_REQUEST, PHOTO_SHOOT

LEAD, DESIGNER, ASKER, COLLEAGUE = "design1", "design2", "operations1", "operations2"
STEPS = ("offer", "accept", "start", "picture", "deliver", "check", "sign_off")


@dataclass(frozen=True)
class Story:
    """One request: what it asks, how many of ``STEPS`` it has come, and how many hours ago it began."""

    type: str
    title: str
    brief: dict[str, Any]
    steps: int
    hours: float
    product: int = 0
    priority: int = 1
    asker: str = ASKER
    designer: str = DESIGNER
    then: tuple[tuple[str, dict[str, Any]], ...] = field(default=())


def page(page_type: str, size: tuple[int, int], points: list[str], **more: Any) -> dict[str, Any]:
    return {
        "page_type": page_type,
        "platforms": ["tmall"],
        "size": list(size),
        "audience": "25–35 岁，办公室下午茶和送礼",
        "selling_points": points,
        **more,
    }


PAGE, SHOOT, RETOUCH = PAGE_REQUEST.name, PHOTO_SHOOT.name, IMAGE_RETOUCH.name
MISSING = {"reason": "missing_info", "text": "缺活动价和赠品图，请补上再发。"}
SHADE = {"reason": "brief_not_met", "text": "价格字太小，手机上看不清；背景换成暖色。"}
SAMPLE = {"waiting_for": "operations", "text": "样品还没到，到了再拍。", "until": None}

STORIES = (
    Story(
        PAGE,
        "草莓脆双十二主图",
        page(
            "main_picture",
            (800, 800),
            ["整颗冻干，一口酥脆", "配料只有草莓"],
            price_text=["到手价 18.90 元"],
            must_have=["非油炸"],
        ),
        7,
        150,
        0,
    ),
    Story(
        PAGE,
        "坚果礼盒详情页首屏",
        page("detail", (750, 1000), ["30 天不重样", "独立小包"], price_text=["券后 89 元"]),
        5,
        80,
        2,
        2,
    ),
    Story(
        PAGE,
        "灰枣推广图换背景",
        page("promotion", (800, 1200), ["新疆若羌", "皮薄核小"], price_text=["26.80 元/斤"]),
        5,
        100,
        1,
        then=(("rework", SHADE),),
    ),
    Story(
        SHOOT,
        "枸杞新包装拍摄",
        {
            "items": ["枸杞王 210g 罐装 2 罐"],
            "scenes": ["白底正面、45 度", "木桌茶具场景"],
            "pictures": 12,
            "samples_by": "2026-12-01",
        },
        3,
        60,
        3,
        then=(("wait", SAMPLE),),
    ),
    Story(
        RETOUCH,
        "蓝莓干买家秀修图",
        {
            "what": "去掉背景杂物，颜色还原到实物。",
            "sources": ["https://example.com/lanmei"],
            "count": 6,
            "background": "white",
            "size": [800, 800],
        },
        3,
        30,
        4,
        designer=LEAD,
    ),
    Story(
        PAGE,
        "首页双十二氛围图",
        page("home", (1200, 600), ["12.9 晚八点开抢", "满 199 减 30"]),
        2,
        26,
        0,
        2,
        designer=LEAD,
    ),
    Story(
        PAGE,
        "夏威夷果短视频封面",
        page("video_cover", (1080, 1920), ["奶香一开袋就闻到"]),
        1,
        20,
        5,
        then=(("return", MISSING),),
    ),
    Story(
        PAGE,
        "草莓脆酸奶味上新主图",
        page("main_picture", (800, 800), ["酸奶味新上市", "冷冻干燥锁鲜"], price_text=["18.90 元"]),
        1,
        9,
        0,
        3,
    ),
    Story(
        PAGE, "枸杞详情页改版", page("detail", (790, 2400), ["免洗即食", "头茬枸杞"], must_have=["宁夏中宁"]), 1, 28, 3
    ),
    Story(
        RETOUCH,
        "坚果混合装白底图",
        {
            "what": "换纯白底，统一阴影。",
            "sources": ["https://example.com/jianguo"],
            "count": 10,
            "background": "white",
        },
        1,
        6,
        2,
        asker=COLLEAGUE,
    ),
    Story(
        SHOOT,
        "灰枣礼盒场景图拍摄",
        {
            "items": ["灰枣 500g 2 袋", "礼盒 1 个"],
            "scenes": ["年货桌面", "手持"],
            "pictures": 8,
            "samples_by": "2026-12-05",
        },
        1,
        5,
        1,
        asker=COLLEAGUE,
    ),
    Story(PAGE, "蓝莓干小红书封面", page("promotion", (1080, 1440), ["云南高原", "不加糖"]), 0, 3, 4, asker=COLLEAGUE),
)


def load(demo: Demo) -> None:
    """Tell each story as it would have happened."""
    for story in STORIES:
        _tell(demo, story)


def _tell(demo: Demo, story: Story) -> None:
    asker, designer = demo.people[story.asker], demo.people[story.designer]
    product = demo.products[story.product]
    draft = services.Draft(
        story.title, story.brief, priority=story.priority, store_id=demo.store_id, records=(product,)
    )
    task = services.draft_task(asker, story.type, "operations", draft, demo.ago(story.hours))
    left = story.hours
    for step in STEPS[: story.steps]:
        left *= 0.8
        _step(demo, story, task, step, left)
    for verb, said in story.then:
        left *= 0.8
        moves.move(task.id, verb, designer if verb in ("return", "wait") else asker, said, at=demo.ago(left))


def _step(demo: Demo, story: Story, task: Task, step: str, hours: float) -> None:
    asker, designer = demo.people[story.asker], demo.people[story.designer]
    if step == "picture":
        width, height = task.brief.get("size", (800, 800))
        contents.add_file(task.id, FINAL, demo.picture(task.title, (width, height)), designer, at=demo.ago(hours))
    elif step == "check":
        for check in task.checks:
            contents.set_check(task.id, check.name, "pass", "", asker, at=demo.ago(hours))
    else:
        moves.move(task.id, step, asker if step in ("offer", "sign_off") else designer, at=demo.ago(hours))
