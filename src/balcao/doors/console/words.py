"""Both languages: which one a browser wants, and how amounts, instants and documents are written in it. Pure."""

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from balcao.base.values import from_micros, is_money
from balcao.orders.rules.status import WORDS, Status

HERE: Final = ZoneInfo("America/Sao_Paulo")
"""The time that nine of ten stores live in."""
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


class Lang(StrEnum):
    """The console's languages."""

    PT = "pt"
    EN = "en"

    @property
    def tag(self) -> str:
        """As HTML's `lang` names it."""
        return "pt-BR" if self is Lang.PT else "en"


def preferred(accept_language: str) -> Lang:
    """The language that a browser ranks higher (RFC 9110, section 12.5.4); Portuguese when it names neither."""
    ranks: dict[Lang, float] = {}
    for part in accept_language[:500].split(","):
        name, _, quality = part.strip().partition(";q=")
        lang = next((each for each in Lang if name[:2].lower() == each and name[2:3] in ("", "-")), None)
        if lang is not None:
            ranks[lang] = max(ranks.get(lang, 0.0), _quality(quality))
    return Lang.EN if ranks.get(Lang.EN, 0.0) > ranks.get(Lang.PT, 0.0) else Lang.PT


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


class Words:
    """Everything that is written differently in the two languages; templates know it as `say`."""

    def __init__(self, lang: Lang, now_us: int) -> None:
        self.lang = lang
        self._now_us = now_us

    def t(self, pt: str, en: str) -> str:
        """The text in this visit's language; both stand beside each other where they are used."""
        return pt if self.lang is Lang.PT else en

    def both(self, text: str) -> str:
        """One side of what the nouns say in both languages at once, "Português / English"."""
        pt, slash, en = text.partition(" / ")
        return self.t(pt, en) if slash else text

    def status(self, status: Status) -> str:
        """A raw status as people read it."""
        return self.t(*WORDS[status][2:4])

    def money(self, amount: Decimal | None) -> str:
        """An amount in BRL, to the cent."""
        if amount is None:
            return "–"
        return f"R$ {self._grouped(f'{amount:,.2f}')}"

    def number(self, count: float | Decimal) -> str:
        """A number with its thousands apart."""
        return self._grouped(f"{count:,}")

    def _grouped(self, text: str) -> str:
        return text.translate(str.maketrans(",.", ".,")) if self.lang is Lang.PT else text

    def local(self, at_us: int) -> datetime:
        """The instant as the store's clock shows it."""
        return from_micros(at_us).astimezone(HERE)

    def moment(self, at_us: int) -> str:
        """Day and time to the minute."""
        return self.local(at_us).strftime(self.t("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"))

    def day(self, at_us: int) -> str:
        """The day alone."""
        return self.local(at_us).strftime(self.t("%d/%m/%Y", "%Y-%m-%d"))

    def age(self, at_us: int) -> str:
        """How long ago, in its largest unit: 5 min, 3 h, 2 d."""
        return self.span(max(self._now_us - at_us, 0) // 1_000_000)

    def span(self, seconds: int) -> str:
        """So much time, in its largest unit."""
        if seconds < _MINUTE:
            return self.t("agora", "now")
        if seconds < _HOUR:
            return f"{seconds // _MINUTE} min"
        if seconds < 2 * _DAY:
            return f"{seconds // _HOUR} h"
        return f"{seconds // _DAY} d"

    def document(self, text: str | None) -> str:
        """A CPF or CNPJ with its punctuation."""
        if text is None:
            return "–"
        if len(text) == 11:
            return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"
        if len(text) == 14:
            return f"{text[:2]}.{text[2:5]}.{text[5:8]}/{text[8:12]}-{text[12:]}"
        return text


def read_amount(text: str) -> Decimal | None:
    """An amount in BRL as people type it, `1.234,56` or `1234.56`; None for what is none, or not to four decimals."""
    plain = text.replace("R$", "").replace(" ", "").replace("\u00a0", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", plain, re.ASCII):
        return None
    amount = Decimal(plain)
    return amount if is_money(amount) else None


def masked(text: str | None, *, keep: int = 2) -> str:
    """Personal data as it is shown until it is asked for: its first characters, and dots for the rest."""
    if not text:
        return "–"
    return text[:keep] + "•" * min(max(len(text) - keep, 3), 8)
