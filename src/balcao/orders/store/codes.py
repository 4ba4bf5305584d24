"""The friendly code in SQL: what `rules.friendly` says, for numbers that only the tick gives."""

from typing import Final

from balcao.orders.rules.friendly import ALPHABET, LENGTH, SPACE, STRIDE

_BITS: Final = (len(ALPHABET) - 1).bit_length()
_LETTERS: Final = " || ".join(
    f"substr('{ALPHABET}', (code.place >> {_BITS * n} & {len(ALPHABET) - 1})::integer + 1, 1)" for n in range(LENGTH)
)
# The nth code is n strides further: only the first needs more than 64 bits, once a statement.
FRIENDLY_CODE: Final = f"""(SELECT {_LETTERS} FROM (
    SELECT (SELECT mod(seq::numeric * {STRIDE}, {SPACE})::bigint FROM clock) + {{}} * {STRIDE % SPACE} AS place OFFSET 0
) code)"""  # noqa: S608
"""`.format(n)`: the code of the nth number of `clock` (`base.clock.ticking`); n a bigint below 2^28."""
