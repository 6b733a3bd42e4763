"""How a line finds its order: one case for each pattern that real files show, and when its trade was paid."""

from datetime import UTC, datetime

import pytest

from plugins.finance.books.rules import DEPOSIT_MOVES, find_order, opened_at

ORDER = "5116032541422009305"
TRADE = "2026051322001400110073009234"


@pytest.mark.parametrize(
    "base, merchant, by",
    [
        (ORDER, "", "base"),
        (ORDER, "T200P999999999999999999", "base"),
        ("", f"T200P{ORDER}", "merchant"),
        ("", f"T10000P{ORDER}", "merchant"),
        ("", f"T100P{ORDER}", "merchant"),
        ("", f"T500P{ORDER}", "merchant"),
        ("", f"CAE_CHARITY_{ORDER}", "merchant"),
        ("", f"CAE_CHARITY_{ORDER}_1", "merchant"),
        ("", f"HJCOM==3200060031==1177511600000919=={ORDER}", "merchant"),
        ("", f"HJCAE==3200060031==1177511600000919=={ORDER}", "merchant"),
        ("", f"GXFZ_1_{ORDER}", "merchant"),
        ("", f"bill_2907384154_YFX-{ORDER}", "merchant"),
        ("", f"CPS_V3_{ORDER}", "merchant"),
        ("FP301_8587437774500402", f"T200P{ORDER}", "merchant"),
    ],
)
def test_the_order_is_in_the_base_number_or_in_the_merchant_number(base, merchant, by):
    assert find_order(base, merchant, None) == (ORDER, by, None)


@pytest.mark.parametrize(
    "memo",
    [
        f"天猫佣金（类目）{{{ORDER}}}扣款",
        f"代扣款（扣款用途：天猫佣金（类目）{{{ORDER}}}，付款方：某公司）",
        f"代扣返点积分{ORDER}",
        f"代扣交易退回积分{ORDER}",
        f"淘宝客佣金代扣款[{ORDER}]",
        f"淘宝客佣金退款[{ORDER}]",
        f"代扣款（扣款用途：淘宝联盟佣金代扣 tradeid:{ORDER} memberid:123456789012 fee:0.49，付款方：某公司）",
        f"售后维权[T200P{ORDER}]",
        f"售后退款-蓝莓-T200P{ORDER}",
        f"保证金退款-蓝莓T200P{ORDER}",
        f"售后支付-{ORDER}",
        f"卖家版运费险保费收取:淘宝订单号{ORDER}",
        f"代扣款（扣款用途：卖家版运费险:YFX-{ORDER}）",
        f"保费收取({ORDER})",
        f"品牌新享-首单拉新计划(KY_ITEM)({ORDER})扣款",
        f"天猫基础软件服务费({ORDER})",
        f"消费者体验提升计划服务费，订单号{ORDER}",
        f"消费券代付资金扣回({ORDER})",
        f"聚划算佣金({ORDER})98765432109876",
        f"支付宝转账小额打款-关联订单号：{ORDER}",
    ],
)
def test_the_order_is_in_the_memo(memo):
    assert find_order(None, None, memo) == (ORDER, "memo", None)
    assert find_order(None, "CAE_POINT_90085511135", memo) == (ORDER, "memo", None)


@pytest.mark.parametrize(
    "merchant, memo, waybill",
    [
        ("HJCOM==3200060031==LP00104059284716", "", "LP00104059284716"),
        ("HJCOM==3200060031==LP00104059284716==1177511600000919", "", "LP00104059284716"),
        (
            "",
            "代扣款（商家集运物流责任货值赔付，赔付单号：CH123，运单号：435233529604913，付款方：某）",
            "435233529604913",
        ),
    ],
)
def test_a_parcel_stands_for_its_order(merchant, memo, waybill):
    assert find_order("", merchant, memo) == (None, "waybill", waybill)


@pytest.mark.parametrize(
    "base, merchant, memo",
    [
        ("FP301_8587437774500402", "", ""),
        ("", "CAE_POINT_90085511135", ""),
        ("", "MYBK20260513000012345678", f"转出 订单号{ORDER}"),
        ("", f"T50060NP{ORDER}", ""),
        ("", "", f"花呗交易号[{TRADE}]"),
        ("", "", f"分期购交易号[{TRADE}]"),
        ("", "", "提现"),
        ("", "", "天猫保证金-充值（代扣）"),
        ("", "", "代扣款（扣款用途：直通车充值-202605130001）"),
    ],
)
def test_no_order_is_guessed(base, merchant, memo):
    assert find_order(base, merchant, memo) == (None, "", None)


def test_a_deposit_moves_only_if_nothing_else_is_said():
    assert {"天猫保证金-充值（代扣）", "天猫保证金-解冻"} <= DEPOSIT_MOVES
    assert "天猫保证金-充值（代扣）-延迟发货" not in DEPOSIT_MOVES


def test_a_payments_trade_number_says_when_it_was_paid():
    assert opened_at(TRADE, "交易退款") == datetime(2026, 5, 12, 16, tzinfo=UTC)
    assert opened_at(TRADE, "收费") is None
    assert opened_at("2026023022001400110073009234", "交易付款") is None
    assert opened_at("BO20150421501700000002", "交易付款") is None
