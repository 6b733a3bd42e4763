"""What kind of line is what to its order: an ordered list of rules, as data. Pure.

The words are the platform's own, from its statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.finance.books.rules import DEPOSIT_MOVES
from plugins.finance.matching.classes import OTHER, PARTS

DIRECTIONS = ("", "in", "out")


@dataclass(frozen=True)
class Kind:
    """A kind of line: the part it plays and its subject, for lines that fulfil every condition that is given.

    ``kinds`` and ``memo_is`` compare whole texts, ``texts`` (of the platform's description) and ``memos`` parts of
    them; ``channels`` is the account before its colon.
    """

    part: str
    subject: str
    kinds: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    memos: tuple[str, ...] = ()
    memo_is: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    direction: str = ""

    @property
    def asks_memo(self) -> bool:
        return bool(self.memos or self.memo_is)

    def fits(self, channel: str, kind: str, text: str, incoming: bool) -> bool:
        """Whether a line can be of this kind, by what is the same for many lines."""
        return (
            (not self.channels or channel in self.channels)
            and (not self.kinds or kind in self.kinds)
            and (not self.texts or any(word in text for word in self.texts))
            and self.direction in ("", "in" if incoming else "out")
        )

    def named(self, memo: str, merchant: str = "") -> bool:
        """Whether a line's own words make it of this kind: its memo, or a part of the number the merchant knows."""
        if not self.asks_memo:
            return True
        return memo.strip() in self.memo_is or any(word in memo or word in merchant for word in self.memos)

    def data(self) -> dict[str, Any]:
        """The kind as JSON holds it, without what it does not ask."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}
        return {name: value for name, value in told.items() if value}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Kind":
        """The kind that ``data`` tells; raises ``TypeError`` or ``KeyError`` for what is none."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


def classify(kinds: Sequence[Kind], told: Sequence[tuple[str, str, str, bool]]) -> list[list[Kind]]:
    """Of each (channel, kind, description, incoming) the kinds that come into question: the last is certain, those
    before it ask the memo."""
    found = []
    for channel, kind, text, incoming in told:
        candidates = []
        for each in kinds:
            if each.fits(channel, kind, text, incoming):
                candidates.append(each)
                if not each.asks_memo:
                    break
        else:
            candidates.append(UNKNOWN)
        found.append(candidates)
    return found


def chosen(candidates: Iterable[Kind], memo: str, merchant: str = "") -> Kind:
    """The first of the candidates that a line's own words name."""
    return next(each for each in candidates if each.named(memo, merchant))


def subjects_of(kinds: Iterable[Kind]) -> list[str]:
    """Every subject once, in order; a line keeps its place in this list."""
    return list(dict.fromkeys([UNKNOWN.subject, *(each.subject for each in kinds)]))


def part_code(part: str) -> int:
    """The place of a part among ``PARTS``."""
    return PARTS.index(part)


UNKNOWN = Kind(PARTS[OTHER], "unknown")

DEFAULT: tuple[Kind, ...] = (
    # what the platform's own code says
    Kind("pay", "early_payout", texts=("提前收款", "交易还款")),
    Kind("pay", "payment", texts=("交易收款",)),
    Kind("refund", "refund", texts=("交易退款",)),
    Kind("fee", "commission", texts=("天猫佣金", "类目佣金")),
    Kind("fee", "affiliate", texts=("淘宝客", "淘宝联盟")),
    Kind("fee", "points", texts=("返点积分", "积分")),
    Kind("fee", "insurance", texts=("运费险", "保险")),
    Kind("fee", "charity", texts=("公益",)),
    Kind("fee", "promotion", texts=("营销支出", "消费券", "红包", "聚划算")),
    Kind("fee", "service", texts=("服务费", "服财务费")),
    # Alipay Global
    Kind("pay", "payment", kinds=("pay",), channels=("alipay_global",)),
    Kind("refund", "refund", kinds=("refund",), channels=("alipay_global",)),
    Kind("fee", "settlement_fee", kinds=("fee",), channels=("alipay_global",)),
    # what the account calls it
    Kind("pay", "payment", kinds=("交易付款", "在线支付", "交易收款", "提前收款"), direction="in"),
    Kind(
        "refund",
        "refund",
        kinds=("交易退款", "退款", "退款（交易退款）", "交易退款(售后)", "交易退款（售后）"),
        direction="out",
    ),
    Kind("other", "purchase", kinds=("交易付款", "在线支付", "交易退款", "退款", "退款（交易退款）")),
    Kind("other", "withdrawal", kinds=("提现", "提现收入")),
    Kind("other", "treasury", kinds=("理财申购", "理财赎回", "余额宝-转出", "余额宝-转入", "余利宝")),
    Kind("other", "loan", kinds=("贷款还款", "贷款放款", "贷款", "网商贷")),
    Kind("other", "transfer", kinds=("信用卡还款",)),
    # what only the memo tells
    Kind("other", "deposit", memo_is=tuple(sorted(DEPOSIT_MOVES))),
    Kind("other", "deposit", memos=("保证金转移", "保证金解冻", "保险保证金")),
    Kind(
        "other",
        "ad_topup",
        memos=("直通车", "快车", "万相台", "引力魔方", "品销宝", "钻展", "超级推荐"),
        direction="out",
    ),
    Kind("other", "goodwill", memos=("小额打款", "返现", "好评")),
    Kind("fee", "commission", memos=("天猫佣金", "类目佣金")),
    Kind("fee", "affiliate", memos=("淘宝客", "淘宝联盟", "淘客佣金", "CPS_")),
    Kind("fee", "points", memos=("返点积分", "代扣交易退回积分", "CAE_POINT")),
    Kind("fee", "insurance", memos=("运费险", "保费收取", "_YFX-")),
    Kind("fee", "charity", memos=("公益", "CAE_CHARITY")),
    Kind("fee", "payment_service", memos=("花呗", "信用卡支付", "分期购")),
    Kind("fee", "logistics", memos=("菜鸟", "进口关税", "集运", "物流责任", "==LP")),
    Kind("refund", "refund", memos=("售后退款", "售后维权", "售后支付", "保证金退款"), direction="out"),
    Kind("fee", "promotion", memos=("品牌新享", "聚划算", "消费券", "红包", "限时")),
    Kind("fee", "service", memos=("服务费", "提升计划", "佣金", "HJCOM==", "HJCAE==", "GXFZ_")),
    Kind("fee", "penalty", memos=("罚款", "违规", "违约", "赔付", "延迟发货", "保证金")),
    Kind("other", "loan", memos=("网商贷", "贷款", "放款")),
    Kind("other", "transfer", memos=("网商银行", "余利宝", "余额宝", "TRANSFER")),
    Kind("other", "deposit", kinds=("保证金",)),
    Kind("fee", "service", kinds=("收费", "交易分账", "分账", "扣款", "扣款退回")),
    Kind("other", "transfer", kinds=("转账", "转帐", "代付")),
)
