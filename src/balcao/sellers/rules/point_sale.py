"""Point of sale ids are one store's each: which rows of a batch take an id that stays another's."""

from collections.abc import Mapping


def refuse_point_sales(wanted: Mapping[str, str | None], held: Mapping[str, str]) -> dict[str, str]:
    """The stores (by CNPJ) that cannot have the id they want, and the store that keeps or gets it instead.

    wanted: by CNPJ, in the order sent, the id that each row asks for; held: by id, the store that has it now. Stores
    may pass ids on, and swap them in circles of any length. Of two that want the same id its present holder goes first,
    then the first sent; a refused store keeps its own id, so whoever wanted that one is refused in turn.
    """
    claimed = {id_: cnpj for id_, cnpj in held.items() if wanted.get(cnpj) == id_}
    refused: dict[str, str] = {}
    for cnpj, id_ in wanted.items():
        if id_ is not None and claimed.setdefault(id_, cnpj) != cnpj:
            refused[cnpj] = claimed[id_]
    settled: set[str] = set()
    for cnpj in wanted:
        _settle(cnpj, wanted, held, settled=settled, refused=refused)
    return refused


def _settle(
    cnpj: str, wanted: Mapping[str, str | None], held: Mapping[str, str], *, settled: set[str], refused: dict[str, str]
) -> None:
    """Follow who waits for whose id; the last of the line decides for all of it, and a circle is a swap."""
    line: list[str] = []
    while cnpj not in settled and cnpj not in refused:
        settled.add(cnpj)
        line.append(cnpj)
        holder = held.get(wanted[cnpj] or "")
        if holder is None or holder == cnpj:
            return
        if holder not in wanted:
            refused[cnpj] = holder
        else:
            cnpj = holder
    if cnpj not in refused:
        return
    for waiting in line:
        refused.setdefault(waiting, held[wanted[waiting] or ""])
