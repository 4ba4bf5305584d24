"""The access key of an NF-e ("chave de acesso"): its 44 characters, its parts and its check digit.

    35 2608 12345678000195 55 001 000000123 1 87654321 0
    │  │    │              │  │   │         │ │        └ check digit, modulo 11
    │  │    │              │  │   │         │ └ random code (cNF)
    │  │    │              │  │   │         └ emission type (tpEmis)
    │  │    │              │  │   └ number (nNF)
    │  │    │              │  └ serie
    │  │    │              └ model
    │  │    └ issuer: CNPJ, or 000 and a CPF
    │  └ year and month of issue
    └ state, IBGE code

Since July 2026 the CNPJ may hold letters in its first twelve places, and so may the key (Nota Técnica Conjunta
2025.001).
"""

import re

import msgspec

from balcao.base.errors import Invalid

STATE_CODES = {
    "RO": "11", "AC": "12", "AM": "13", "RR": "14", "PA": "15", "AP": "16", "TO": "17",
    "MA": "21", "PI": "22", "CE": "23", "RN": "24", "PB": "25", "PE": "26", "AL": "27", "SE": "28", "BA": "29",
    "MG": "31", "ES": "32", "RJ": "33", "SP": "35",
    "PR": "41", "SC": "42", "RS": "43",
    "MS": "50", "MT": "51", "GO": "52", "DF": "53",
}  # fmt: skip
"""The IBGE code of each state, as the key and `ide/cUF` carry it."""

_SHAPE = re.compile(r"[0-9]{6}[0-9A-Z]{12}[0-9]{26}")
_KNOWN_STATES = frozenset(STATE_CODES.values())


class AccessKeyParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a key says; `issuer` is 14 characters (a CPF is led by 000), `year_month` is AAMM."""

    state_code: str
    year_month: str
    issuer: str
    model: str
    serie: int
    number: int
    emission_type: str
    code: str
    check_digit: str


def check_access_key(key: str, *, field: str = "key") -> None:
    """Raise Invalid, naming `field`, unless `key` is a whole and sound access key (MOC 7.0, section 2.2.6)."""
    access_key_parts(key, field=field)


def access_key_parts(key: str, *, field: str = "key") -> AccessKeyParts:
    """Take a key apart. Raises Invalid, naming `field`, where `check_access_key` would."""
    if not _SHAPE.fullmatch(key):
        raise _unsound(field, "must be 44 characters: digits, and capital letters only inside the CNPJ")
    if key[:2] not in _KNOWN_STATES:
        raise _unsound(field, f"begins with {key[:2]}, which is no state's IBGE code")
    if not "01" <= key[4:6] <= "12":
        raise _unsound(field, f"has {key[4:6]} where the month of issue should be")
    expected = access_key_check_digit(key[:43])
    if key[43] != expected:
        raise _unsound(field, f"ends with check digit {key[43]}, and its other characters give {expected}")
    return AccessKeyParts(
        state_code=key[:2],
        year_month=key[2:6],
        issuer=key[6:20],
        model=key[20:22],
        serie=int(key[22:25]),
        number=int(key[25:34]),
        emission_type=key[34],
        code=key[35:43],
        check_digit=key[43],
    )


def access_key_check_digit(first_43: str) -> str:
    """The modulo 11 digit: weights 2 to 9 from the right; a character counts its ASCII code less 48, so digits count
    themselves and letters 17 to 42 (Nota Técnica Conjunta 2025.001). Remainders 0 and 1 give 0."""
    weighted = sum((ord(char) - 48) * (2 + place % 8) for place, char in enumerate(reversed(first_43)))
    remainder = weighted % 11
    return "0" if remainder < 2 else str(11 - remainder)


def _unsound(field: str, what: str) -> Invalid:
    message = f"The access key {what}."
    return Invalid(message, errors={field: [message]})
