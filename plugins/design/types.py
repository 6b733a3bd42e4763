"""The work that design takes on: each type's brief, checklist, deliverables and targets."""

from collections.abc import Mapping
from typing import Any

from core.contracts import Check, Field, Slot, Targets, TaskType
from core.messages import N_
from plugins.design import rules

TEAM = "design"
FINAL = "final"  # the slot whose picture is measured against the brief
COPY = ("selling_points", "price_text", "must_have")  # the fields that end up as words on a picture
RECORDS = ("core.product", "core.sku")
DAY = 480  # working minutes of an office day

PAGE_TYPES = (
    ("home", N_("Home page")),
    ("detail", N_("Detail page")),
    ("main_picture", N_("Main picture")),
    ("promotion", N_("Promotion picture")),
    ("video_cover", N_("Short-video cover")),
)
PLATFORMS = (
    ("taobao", N_("Taobao")),
    ("tmall", N_("Tmall")),
    ("tmall_global", N_("Tmall Global")),
    ("xiaohongshu", N_("Xiaohongshu")),
    ("douyin", N_("Douyin")),
    ("other", N_("Elsewhere")),
)
FORMATS = (("jpeg", "JPG"), ("png", "PNG"), ("webp", "WebP"), ("gif", "GIF"))

PRODUCTS = Field("products", N_("Products"), "list", help=N_("One a line: title, platform id, merchant code."))
ASKED_FORMATS = Field("formats", N_("File formats"), "choices", options=FORMATS)
HEAVIEST = Field("max_kb", N_("Weight at most (KB)"), "number", help=N_("As the platform's upload page says."))
STYLE = Field("style", N_("Style"), "longtext", help=N_("Colours, typeface, composition, mood."))
REFERENCES = Field("references", N_("References"), "links", help=N_("Pages or pictures that show what you mean."))
NOTES = Field("notes", N_("Delivery notes"), "longtext")
SOURCE = Slot("source", N_("Source file"), ("zip",), required=False)


def prefill(record: Mapping[str, Any]) -> dict[str, Any]:
    """Brief values of a product or SKU that a request is drafted from."""
    said = (record.get(name) for name in ("title", "item_id", "merchant_code"))
    line = " · ".join(str(value) for value in said if value)
    return {"products": [line]} if line else {}


PAGE_REQUEST = TaskType(
    name="design.page_request",
    label=N_("Page request"),
    team=TEAM,
    icon="image",
    fields=(
        Field("page_type", N_("Page type"), "choice", required=True, options=PAGE_TYPES),
        Field("platforms", N_("Platforms"), "choices", required=True, options=PLATFORMS),
        Field(
            "size",
            N_("Picture size"),
            "size",
            required=True,
            help=N_(
                "Usual: main picture 800×800 or 750×1000; details 750 or 790 wide, as high as needed; home page 1200 "
                "wide; video cover 750×1000 or 1080×1920."
            ),
        ),
        Field("other_sizes", N_("Other sizes"), "list", help=N_("One a line, like 750×1000; each adds a size point.")),
        PRODUCTS,
        Field("audience", N_("Audience"), required=True, help=N_("Who is to stop and look: age, need, occasion.")),
        Field(
            "selling_points",
            N_("Selling points"),
            "list",
            required=True,
            help=N_("One a line, the most important first."),
        ),
        Field("price_text", N_("Price text"), "list", help=N_("One a line, exactly as it is to stand on the picture.")),
        Field("must_have", N_("Must-have words"), "list", help=N_("One a line.")),
        Field("forbidden", N_("Forbidden words"), "list", help=N_("One a line, beside those that are banned anyway.")),
        STYLE,
        REFERENCES,
        ASKED_FORMATS,
        HEAVIEST,
        NOTES,
    ),
    checklist=(
        Check("size", N_("Size and format as asked")),
        Check("price", N_("Price text agrees with the brief")),
        Check("must_have", N_("All must-have words are there")),
        Check("wording", N_("No forbidden or absolute wording")),
        Check("proofread", N_("Copy proofread")),
        Check("phone", N_("Readable on a phone")),
        Check("true", N_("Shows the product as it is"), mandatory=False),
    ),
    slots=(
        Slot(FINAL, N_("Final picture")),
        Slot("mobile", N_("Mobile version"), required=False),
        Slot("sizes", N_("Other sizes"), ("zip", "image"), required=False),
        SOURCE,
    ),
    targets=Targets(accept=DAY // 2, deliver=3 * DAY, check=DAY),
    estimate=rules.page_points,
    from_records=RECORDS,
    prefill=prefill,
)

PHOTO_SHOOT = TaskType(
    name="design.photo_shoot",
    label=N_("Photo shoot"),
    team=TEAM,
    icon="camera",
    fields=(
        Field("items", N_("Items to shoot"), "list", required=True, help=N_("One a line: style, colour, quantity.")),
        PRODUCTS,
        Field("scenes", N_("Scenes and angles"), "list", required=True, help=N_("One a line: place, light, angle.")),
        Field("pictures", N_("Number of pictures"), "number", required=True),
        Field("samples_by", N_("Samples arrive by"), "date", required=True),
        Field("models", N_("Models on set"), help=N_("Number, look and sizes; empty if none.")),
        Field("props", N_("Props"), "list", help=N_("One a line.")),
        STYLE,
        REFERENCES,
        Field("samples_back", N_("Samples go back"), "yesno"),
        ASKED_FORMATS,
        NOTES,
    ),
    checklist=(
        Check("items", N_("Every item and angle was shot")),
        Check("colour", N_("Colours true to the sample")),
        Check("sharp", N_("Sharp, clean, well lit")),
        Check("samples", N_("Samples are back"), mandatory=False),
    ),
    slots=(
        Slot("selected", N_("Selected pictures"), ("zip", "image")),
        Slot("originals", N_("Originals"), ("zip",), required=False),  # often too large to be sent: they stay on a disk
    ),
    targets=Targets(accept=DAY, deliver=5 * DAY, check=DAY),
    estimate=rules.shoot_points,
    from_records=RECORDS,
    prefill=prefill,
)

IMAGE_RETOUCH = TaskType(
    name="design.image_retouch",
    label=N_("Image retouching"),
    team=TEAM,
    icon="brush",
    fields=(
        Field("what", N_("What to retouch"), "longtext", required=True),
        PRODUCTS,
        Field(
            "sources", N_("Source pictures"), "links", help=N_("Links; or attach the files once the draft is saved.")
        ),
        Field("count", N_("Number of pictures"), "number", required=True),
        Field(
            "background",
            N_("Background"),
            "choice",
            required=True,
            options=(("keep", N_("As it is")), ("white", N_("White")), ("transparent", N_("Transparent"))),
        ),
        Field("size", N_("Picture size"), "size", help=N_("Empty: as the source.")),
        ASKED_FORMATS,
        HEAVIEST,
        NOTES,
    ),
    checklist=(
        Check("done", N_("Everything named is retouched")),
        Check("edges", N_("Edges and background clean")),
        Check("colour", N_("Colours true to the sample")),
        Check("size", N_("Size and format as asked")),
    ),
    slots=(Slot(FINAL, N_("Retouched pictures"), ("image", "zip")), SOURCE),
    targets=Targets(accept=DAY // 2, deliver=DAY, check=DAY // 2),
    estimate=rules.retouch_points,
    from_records=RECORDS,
    prefill=prefill,
)

TASK_TYPES = {kind.name: kind for kind in (PAGE_REQUEST, PHOTO_SHOOT, IMAGE_RETOUCH)}


def copy_of(type_name: str, brief: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The words that are to stand on the picture, line by line, each with the label of its field."""
    fields = TASK_TYPES[type_name].fields
    return [(field.label, line) for field in fields if field.name in COPY for line in brief.get(field.name, ())]
