"""Buyer identities: which columns hold them, and what of a free text may be kept."""

import re
from collections.abc import Collection, Iterable, Sequence
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

GONE = "***"
SHORTEST_CONTACT = 5  # a@b.cd is no shorter

# Headers whose cells name, reach or locate a person, or may: one with broken letters. An importer that needs such a
# column says so by reading it.
IDENTITY = re.compile(
    "会员名|昵称|旺旺|买家账号|买家id|收货人|收件人|联系人|姓名|地址|街道|邮编|电话|手机(号码?)?$|身份证(号|姓名)"
    "|支付宝账|对方账|对方名称|对方户名|银行卡|邮箱|微信号|实名|oaid|open_?u?id|发票抬头|开票信息|购方|税号|纳税人"
    "|^买家(名|id)?$|^会员(号|id)?$|客户|顾客|用户名|^(区|县)$|buyer|receiver|phone|mobile|address|e-?mail|\ufffd",
    re.IGNORECASE,
)
NOTE = re.compile("备注|备忘|留言|说明|评论|memo|note|remark", re.IGNORECASE)

MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
PHONE = r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"
CONTACT = re.compile(f"{MAIL}|{PHONE}")
TELLING = re.compile(r"[@\d]")  # without one of these there is no contact
ACCOUNT = re.compile(
    r"(?i)((?:支付宝|微信|wechat|weixin|zfb|alipay|vx|wx|qq|账[号户]|帐[号户]|卡号|旺旺)(?:账?号)?\s*[:：是为]?\s*)"
    r"(?!\d{1,4}(?:\.\d{1,2})?(?![a-z0-9_.@]))[a-z0-9_.@*-]{4,}"  # "zfb 39.10" is an amount, not an account
)
SERVICE = re.compile(  # what the platform writes of itself: "Alipay service fee"
    r"(?i)(?:alipay|wechat)\s+(?:service|commission|fees?|payments?|refunds?|transfer|settlement|international|global)"
)
# An address with a house number, and who is named as its receiver or just before a phone number.
ADDRESS = re.compile(
    r"[\w#-]{0,40}(?:路|街|道|巷|弄|村|镇|乡|小区|花园|公寓|大厦)"
    r"[\w#-]{0,20}?\d{1,5} ?(?:号|室|栋|幢|单元|座|楼)[\w#-]{0,40}"
)
RECEIVER = re.compile(r"((?:收件人|收货人|联系人|姓名|名字)(?:改成|改为|是|为)?[:： ]*)[\u4e00-\u9fff]{2,4}")
CALLED = re.compile(rf"(?<![\u4e00-\u9fff])(?!座机|电话|手机|号码|联系)[\u4e00-\u9fff]{{2,4}}(?=[ ,，:：]*(?:{PHONE}))")
DIGITS_ALIKE = str.maketrans("123456789", "000000000")
DIGITS = re.compile(r"\d(?:[ -]?\d){14,}|\d{7,}")


def is_identity(header: str) -> bool:
    """Whether the cells under ``header`` name, reach or locate a person."""
    return bool(IDENTITY.search(header))


def is_note(header: str) -> bool:
    """Whether people write freely under ``header``."""
    return bool(NOTE.search(header))


def without_contacts(text: str) -> str:
    """``text`` without phone numbers and e-mail addresses."""
    return CONTACT.sub(GONE, text) if len(text) > SHORTEST_CONTACT and TELLING.search(text) else text


def without_accounts(text: str) -> str:
    """``text`` without phone numbers, e-mail addresses and named accounts; other numbers stay."""
    return ACCOUNT.sub(_without_account, without_contacts(text))


def _without_account(found: re.Match[str]) -> str:
    return found[0] if SERVICE.fullmatch(found[0]) else found[1] + GONE


def scrubbed(text: str, people: Collection[str] = (), keep: Collection[str] = ()) -> str:
    """A free text without phones, e-mails, accounts, addresses and the names in ``people``.

    Numbers in ``keep`` may stay. A name that nothing announces and no column of the file holds cannot be told from
    other words.
    """
    if not text:
        return text
    for name in sorted(people, key=len, reverse=True):
        text = text.replace(name, GONE)
    text = RECEIVER.sub(rf"\1{GONE}", ADDRESS.sub(GONE, CALLED.sub(GONE, text)))
    text = without_accounts(text)
    return DIGITS.sub(lambda found: found[0] if found[0] in keep else GONE, text)


class People:
    """The people a file names in its identity columns, to find them again in its free texts."""

    SHORTEST, LONGEST = 3, 40  # two letters are too often an ordinary word

    def __init__(self, names: Iterable[str] = ()):
        self.heads: set[str] = set()  # the letters that their names begin with
        self.lengths: set[int] = set()
        self._names: set[str] = set()
        self._noted: list[pa.Array] = []  # of a large file, where hardly ever one is asked for
        self._alike: set[str] = set()
        self._lock = Lock()
        self.add(names)

    def add(self, names: Iterable[str]) -> None:
        """Take note of some people."""
        found = {name for name in names if self.SHORTEST <= len(name) <= self.LONGEST}
        self._names |= found
        self.heads |= {name[: self.SHORTEST] for name in found}
        self.lengths |= set(map(len, found))

    def note(self, names: pa.Array) -> None:
        """Take note of a whole column of people."""
        length = pc.utf8_length(names)
        found = names.filter(pc.and_(pc.greater_equal(length, self.SHORTEST), pc.less_equal(length, self.LONGEST)))
        self._noted.append(found)
        self.heads.update(pc.utf8_slice_codeunits(found, 0, self.SHORTEST).unique().to_pylist())
        self.lengths.update(pc.utf8_length(found).unique().to_pylist())

    @property
    def names(self) -> set[str]:
        """Their names."""
        with self._lock:  # blocks of a file are read in several threads
            while self._noted:
                self._names.update(self._noted.pop().to_pylist())
            return self._names

    def may_be_in(self, text: str) -> bool:
        """Whether a name may occur in ``text``, which is soon said."""
        return self._begin_in(text, self.heads)

    def may_be_in_any(self, texts: pa.Array) -> np.ndarray:
        """Whether a name may occur in each of many texts; those that differ in their digits only are looked at once."""
        alike = pc.replace_substring_regex(texts, "[0-9]", "0").dictionary_encode()
        with self._lock:
            self._alike = self._alike or {head.translate(DIGITS_ALIKE) for head in self.heads}
        found = [self._begin_in(text, self._alike) for text in alike.dictionary.to_pylist()]
        return np.array(found, bool)[alike.indices.to_numpy()]

    def _begin_in(self, text: str, heads: set[str]) -> bool:
        size = self.SHORTEST
        return not heads.isdisjoint([text[start : start + size] for start in range(len(text) - size + 1)])

    def named_in(self, text: str) -> Sequence[str]:
        """Those of the file's people whose names occur in ``text``, the longest first."""
        if not self.may_be_in(text):
            return []
        names = self.names
        return [
            text[start : start + length]
            for length in sorted(self.lengths, reverse=True)
            for start in range(len(text) - length + 1)
            if text[start : start + length] in names
        ]
