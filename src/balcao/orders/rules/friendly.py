"""The short code that shoppers and staff say on the phone."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 7
SPACE = len(ALPHABET) ** LENGTH
STRIDE = 0x2545F4914F6CDD1D | 1


def friendly_code(seq: int) -> str:
    """A short code to say on the phone, unique in the tenant: the creation's sequence number, scattered.

    The stride is odd and the space a power of two, so that different numbers give different codes; the alphabet leaves
    out what is misread.
    """
    rest = seq * STRIDE % SPACE
    letters = []
    for _ in range(LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return "".join(letters)
