"""Rule sets: what they say, what they refuse, the form that changes them; and how kinds of lines are told apart."""

import re
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import SYSTEM
from core.messages import Refusal
from core.stores.services import create_store
from core.testing.jobs import run_pending
from plugins.finance.books.rules import DEPOSIT_MOVES
from plugins.finance.matching import rule_form, versions
from plugins.finance.matching.keys import NONE, Codes
from plugins.finance.matching.kinds import DEFAULT, UNKNOWN, Kind, chosen, classify
from plugins.finance.matching.rules import Fee, RuleSet, Tolerance, half_up, rule_set


def kind(name: str, amount: int = -1, channel: str = "alipay", **words: str) -> str:
    found = classify(DEFAULT, [(channel, name, words.get("text", ""), amount > 0)])[0]
    found = chosen(found, words.get("memo", ""), words.get("merchant", ""))
    return f"{found.part} {found.subject}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"name": "交易付款", "text": "0010001|交易收款-交易收款", "amount": 1}, "pay payment"),
        ({"name": "在线支付", "amount": 1}, "pay payment"),
        ({"name": "在线支付"}, "other purchase"),
        ({"name": "交易付款", "text": "0010022|交易收款-提前收款", "amount": 1}, "pay early_payout"),
        ({"name": "其它", "text": "064000200001|交易还款-提前收款-花呗交易"}, "pay early_payout"),
        ({"name": "交易退款", "text": "0020011|交易退款-交易退款"}, "refund refund"),
        ({"name": "退款（交易退款）"}, "refund refund"),
        ({"name": "其它", "text": "0020005|交易退款-售中退款（极速回款）"}, "refund refund"),
        ({"name": "收费", "text": "0030001|天猫佣金"}, "fee commission"),
        ({"name": "收费", "memo": "天猫佣金（类目）{5116032541422009305}扣款"}, "fee commission"),
        ({"name": "扣款", "memo": "淘宝客佣金代扣款[5116032541422009305]"}, "fee affiliate"),
        ({"name": "扣款", "memo": "代扣返点积分5116032541422009305"}, "fee points"),
        ({"name": "其它", "memo": "卖家版运费险保费收取:淘宝订单号5116032541422009305"}, "fee insurance"),
        ({"name": "其它", "merchant": "CAE_CHARITY_5116032541422009305"}, "fee charity"),
        ({"name": "其它", "merchant": "bill_2907384154_YFX-5116032541422009305"}, "fee insurance"),
        ({"name": "其它", "merchant": "GXFZ_12_5116032541422009305"}, "fee service"),
        ({"name": "其它", "memo": "聚划算保险保证金"}, "other deposit"),
        ({"name": "收费", "text": "0030002|技术服务费-软件服务费"}, "fee service"),
        ({"name": "提现"}, "other withdrawal"),
        ({"name": "理财申购"}, "other treasury"),
        ({"name": "贷款还款"}, "other loan"),
        ({"name": "转账", "memo": "支付宝转账小额打款-关联订单号：5116032541422009305"}, "other goodwill"),
        ({"name": "转账", "memo": "转给朋友"}, "other transfer"),
        ({"name": "其它", "memo": "代扣款（扣款用途：天猫国际快车充值-1）"}, "other ad_topup"),
        ({"name": "其它", "memo": "天猫保证金-充值（代扣）"}, "other deposit"),
        ({"name": "其它", "memo": "天猫保证金-充值（代扣）-延迟发货"}, "fee penalty"),
        ({"name": "pay", "channel": "alipay_global", "amount": 1}, "pay payment"),
        ({"name": "fee", "channel": "alipay_global"}, "fee settlement_fee"),
        (
            {"name": "payments", "memo": "菜鸟-保税_进口关税(商家){LP00095260000052}", "channel": "alipay_global"},
            "fee logistics",
        ),
        ({"name": "其它"}, "other unknown"),
    ],
)
def test_a_line_plays_the_part_that_its_words_tell(line: dict[str, Any], expected: str) -> None:
    assert kind(**line) == expected


def test_the_deposit_moves_by_equality_only() -> None:
    assert {kind("其它", memo=memo) for memo in DEPOSIT_MOVES} == {"other deposit"}
    assert all(kind("其它", memo=f"{memo}-延迟发货") != "other deposit" for memo in DEPOSIT_MOVES)


def test_the_first_kind_that_fits_decides_and_every_condition_must_hold() -> None:
    kinds = [Kind("fee", "a", kinds=("x",), memos=("one",), direction="out"), Kind("other", "b", kinds=("x",))]
    out, in_ = classify(kinds, [("c", "x", "", False), ("c", "x", "", True)])
    assert (chosen(out, "has one").subject, chosen(out, "has none").subject) == ("a", "a")
    assert chosen(out, "zero").subject == "b" and chosen(in_, "one").subject == "b"
    assert classify(kinds, [("c", "y", "", True)]) == [[UNKNOWN]]


def test_a_rule_set_survives_json() -> None:
    rules = RuleSet(
        tolerance={"pay": Tolerance(1), "refund": Tolerance(), "fee": Tolerance(2, 3, 400)},
        contract=(Fee("affiliate", 500, "A-1", date(2026, 1, 1)),),
        owners=({"code": "REFUND", "finding": "", "team": "cs", "days": 2},),
        write_off={"lead": 5},
    )
    assert rule_set(rules.data()) == rules
    assert rule_set(None) == rule_set({}) == RuleSet()
    assert rules.contracted == ("commission", "affiliate")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"cutoff_days": 61}, "cutoff_days"),
        ({"receipt_due": "whenever"}, "receipt_due"),
        ({"tolerance": {"pay": {"fen": 1.5}}}, "tolerance.pay"),
        ({"contract": [{"subject": "", "rate": 1}]}, "contract.1"),
        ({"contract": [{"subject": "x", "rate": 10_001}]}, "contract.1"),
        ({"contract": [{"subject": "x", "rate": 1, "since": "2026-02-02", "until": "2026-01-01"}]}, "contract.1"),
        ({"kinds": [{"part": "gift", "subject": "x"}]}, "kinds.1"),
        ({"owners": [{"team": ""}]}, "owners.1"),
        ({"hand_over": ["OK"]}, "hand_over"),
    ],
)
def test_what_is_no_rule_is_refused_by_name(data: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        rule_set(data)
    assert list(refused.value.fields) == [field]


def test_half_a_fen_is_rounded_up() -> None:
    assert [half_up(amount, 500) for amount in (9, 10, 29, 30)] == [0, 1, 1, 2]


def test_codes_are_equal_for_equal_numbers_only() -> None:
    codes = Codes()
    told = ["5116032541422009305", "0123", "123", None, "", "abc", "2025110122001000000000000012", "9" * 20, "9" * 30]
    told += [
        "2025110122001000000000000013",
        "18446744073709551615",
        "0",
        "00",
        "-1",
        "0x1F",
        "2025110222001000000000000012",
    ]
    found = codes(pa.array(told)).tolist()
    assert found[3:5] == [NONE, NONE]
    known = [code for code in found if code != NONE]
    assert len(set(known)) == len(known) == len(told) - 2
    assert codes(pa.array(told[::-1])).tolist() == found[::-1]


def test_the_form_says_what_the_rules_say() -> None:
    own = Kind("fee", "gift", kinds=("收费",), memos=("赠品", "礼品"))
    rules = rule_set({"contract": [{"subject": "affiliate", "rate": 550}], "write_off": {"member": 1200}})
    rules = RuleSet(
        contract=rules.contract, write_off=rules.write_off, kinds=(own, *DEFAULT), hand_over=("REFUND", "STMT_ONLY")
    )
    assert rule_set(rule_form.parsed(rule_form.shown(rules), rules)) == rules


def test_a_lead_changes_the_rules_by_a_new_version(in_app: Any, as_user: Any) -> None:
    store = create_store("甲店", SYSTEM)
    lead = as_user("wu", teams={"finance": "lead"})
    page = lead.get("/finance/rules").text
    assert "Rules of reconciliation" in page and "甲店" in page
    form = rule_form.shown(RuleSet()) | {"store": str(store.id), "based_on": "0", "note": "One yuan is nothing."}
    answer = lead.post("/finance/rules", data=form | {"pay.fen": "1.00", "preview": "1"})
    assert answer.status_code == 303 and "/jobs/" in answer.location
    run_pending()
    done = lead.get(answer.location)
    tried = lead.get(re.search(r'href="(/finance/rules[?][^"]*)"', done.text)[1].replace("&amp;", "&"))
    assert "What the change would have done" in tried.text and 'name="pay.fen" value="1.00"' in tried.text
    assert versions.newest(store.id) is None
    assert lead.post("/finance/rules", data=form | {"pay.fen": "1.00"}).status_code == 303
    version, rules = versions.current_rules(store.id)
    assert (version.version, version.note, rules.tolerance["pay"].fen) == (1, "One yuan is nothing.", 100)
    assert lead.post("/finance/rules", data=form).status_code == 409
    assert "One yuan is nothing." in lead.get(f"/finance/rules?store={store.id}&version={version.id}").text
    bad = lead.post("/finance/rules", data=form | {"based_on": "1", "pay.fen": "much", "contract.0.rate": "x"})
    assert bad.status_code == 422 and "is not an amount in yuan" in bad.text


def test_members_read_the_rules_and_do_not_change_them(in_app: Any, as_user: Any) -> None:
    store = create_store("甲店", SYSTEM)
    member = as_user("li", teams={"finance": "member"})
    page = member.get("/finance/rules")
    assert page.status_code == 200 and "Save the rules" not in page.text
    assert member.post("/finance/rules", data={"store": store.id}).status_code == 403
    assert as_user("zhao", teams={"design": "lead"}).get("/finance/rules").status_code == 403
