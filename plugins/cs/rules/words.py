"""What exports and comments mean by their words: kinds, states and causes of after-sale cases, scores. Pure."""

import re

from core.messages import N_

AFTER_SALE_KINDS = {
    "refund_only": N_("Refund only, shipped"),
    "return": N_("Return and refund"),
    "reissue": N_("Send again"),
    "exchange": N_("Exchange"),
    "refund_unshipped": N_("Refund only, not shipped"),
    "refused": N_("Parcel refused"),
    "repair": N_("Repair"),
    "": N_("Unknown"),
}
AFTER_SALE_STATES = {
    "applied": N_("Waits for the store"),
    "to_return": N_("Waits for the goods"),
    "returned": N_("Goods are on their way back"),
    "refused": N_("Refused by the store"),
    "closed": N_("Case closed"),
    "refunded": N_("Refunded"),
    "": N_("Unknown"),
}
# What the platform does by itself with a case in a state, when its time is up.
JUDGEMENTS = {
    "applied": N_("grants what the buyer asks for"),
    "to_return": N_("closes the case"),
    "returned": N_("pays the buyer back"),
    "refused": N_("closes the case"),
}
CAUSES = {
    "damaged": N_("Damaged"),
    "wrong_item": N_("Wrong or missing article"),
    "quality": N_("Quality"),
    "description": N_("Not as described"),
    "late": N_("Late"),
    "lost": N_("Lost on the way"),
    "postage": N_("Dispute about postage"),
    "price": N_("Price difference"),
    "invoice": N_("Invoice"),
    "unwanted": N_("Not wanted any more"),
    "service": N_("Service"),
    "": N_("No cause yet"),
}

STATE_WORDS = (
    ("退款成功", "refunded"),
    ("SUCCESS", "refunded"),
    ("拒绝", "refused"),
    ("REFUSE", "refused"),
    ("关闭", "closed"),
    ("CLOSED", "closed"),
    ("等待卖家确认收货", "returned"),
    ("CONFIRM_GOODS", "returned"),
    ("等待买家退货", "to_return"),
    ("BUYER_RETURN_GOODS", "to_return"),
    ("等待卖家同意", "applied"),
    ("SELLER_AGREE", "applied"),
    ("待商家收货", "returned"),
    ("待卖家收货", "returned"),
    ("待买家退货", "to_return"),
    ("待买家寄回", "to_return"),
    ("待商家处理", "applied"),
    ("待卖家处理", "applied"),
    ("退款待处理", "applied"),
    ("待商家同意", "applied"),
)
KIND_WORDS = (
    ("换货", "exchange"),
    ("补寄", "reissue"),
    ("补发", "reissue"),
    ("维修", "repair"),
    ("拒收", "refused"),
    ("未发货", "refund_unshipped"),
    ("仅退款", "refund_only"),
    ("不需要退货", "refund_only"),
    ("无需退货", "refund_only"),
    ("退货", "return"),
    ("需要退货", "return"),
)
# The first that is found says the cause: what names a thing precisely stands before what is said of many things.
CAUSE_WORDS = (
    ("damaged", "破损|碎了|压坏|漏液|变形|破了|坏的|裂"),
    ("wrong_item", "发错|错发|漏发|少发|少了|缺件|不是我"),
    ("lost", "丢件|丢失|没收到|未收到|签收.{0,4}没"),
    ("late", "慢|太久|延迟|不发货|催|超时|未按约定时间"),
    ("description", "描述不符|色差|不一样|与.{0,4}不符|图片不符|尺寸不"),
    ("quality", "质量|难吃|异味|变质|过期|发霉|临期|起球|掉色|做工"),
    ("postage", "运费|邮费"),
    ("price", "差价|降价|保价|买贵"),
    ("invoice", "发票"),
    ("unwanted", "不想要|不喜欢|拍错|多拍|不合适|七天无理由|7天无理由"),
    ("service", "客服|态度|不理"),
)


def after_sale_state(text: str | None) -> str:
    """One of ``AFTER_SALE_STATES`` for what an export calls it."""
    return next((state for word, state in STATE_WORDS if word in (text or "")), "")


def after_sale_kind(text: str | None, goods: str | None = None) -> str:
    """One of ``AFTER_SALE_KINDS``; the older export only says whether goods come back, and where they are."""
    said = {"是": "return", "否": "refund_only"}.get((text or "").strip())
    kind = said or next((kind for word, kind in KIND_WORDS if word in (text or "")), "")
    return "refund_unshipped" if kind == "refund_only" and "未发货" in (goods or "") else kind


def phase(text: str | None) -> str:
    """Whether a case belongs to a sale that is not settled yet."""
    return {"售中": "in_sale", "售后": "after_sale"}.get((text or "").strip()[:2], "")


def cause_of(text: str) -> str:
    """The cause that a comment or a reason speaks of; "" where no known word stands."""
    return next((cause for cause, words in CAUSE_WORDS if re.search(words, text)), "")


def hundredths(text: str | None) -> int | None:
    """A score of 0 to 5 in hundredths."""
    found = re.fullmatch(r"([0-5])(?:\.(\d{1,2})\d*)?", (text or "").strip(), re.ASCII)
    value = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None
    return value if value is not None and value <= 500 else None
