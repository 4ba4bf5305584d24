"""Countries in two and three letters (ISO 3166), as partners write them. Pure."""

from typing import Final

from holidays.registry import COUNTRIES

BRAZIL: Final = "BR"
_NAMES: Final = frozenset({"", "BR", "BRA", "BRASIL", "BRAZIL"})
_TWO_OF_THREE: Final = {three: two for _, two, three, *_ in COUNTRIES.values()}
_THREE_OF_TWO: Final = {two: three for three, two in _TWO_OF_THREE.items()}


def country_code(text: str) -> str:
    """Two letters where the text is a country's code of two or three; Brazil where it says nothing; else as it is."""
    word = text.strip().upper()
    return BRAZIL if word in _NAMES else _TWO_OF_THREE.get(word, word)


def country_code3(code: str) -> str:
    """Three letters, as OmniChat wants them; what is no known code stays as it is."""
    return _THREE_OF_TWO.get(code, code)
