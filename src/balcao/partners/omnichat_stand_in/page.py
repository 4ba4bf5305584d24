"""The stand-in's page: its switches, its orders, the calls that came and the hooks that went."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

import msgspec

from balcao.partners.omnichat_stand_in.model import StandIn

ROWS_MAX: Final = 50
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top }
td.body { font: 12px/1.4 ui-monospace, monospace; word-break: break-word }
label { display: inline-block; margin-right: 1.2rem } input { width: 4.5rem } .bad { color: #a30000 }
"""
_SCRIPT: Final = """
const form = document.forms[0];
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const switches = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, Number(value)]));
  await fetch("/switches", {method: "PUT", body: JSON.stringify(switches)});
  location.reload();
});
setInterval(() => { if (!form.contains(document.activeElement)) location.reload(); }, 3000);
"""


def draw_page(stand_in: StandIn) -> str:
    """The page as it is now; it draws itself anew every three seconds while nobody writes on it."""
    switches = msgspec.to_builtins(stand_in.switches)
    inputs = "".join(
        f'<label>{escape(name)} <input name="{escape(name)}" value="{value:g}" inputmode="decimal"></label>'
        for name, value in switches.items()
    )
    orders = [
        (each.object_id, each.status, " → ".join(each.statuses), each.order_gw_id or each.checkout_url or "")
        for each in _newest(list(stand_in.orders.values()))
    ]
    calls = [
        (each.at, each.object_id, each.call, each.status or "caiu / dropped", json.dumps(each.body, ensure_ascii=False))
        for each in _newest(stand_in.calls)
    ]
    hooks = [(each.at, each.hook, each.object_id, each.status, f"{each.ms:.1f} ms") for each in _newest(stand_in.hooks)]
    return f"""<!doctype html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>OmniChat (dublê / stand-in)</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<h1>OmniChat (dublê / stand-in)</h1>
<p>Base: <code>{escape(stand_in.url)}/v2</code> · Hooks: <code>{escape(stand_in.account.hook_url or "-")}</code></p>
<h2>Falhas de propósito / Switches</h2><form>{inputs}<button>Mudar / Set</button></form>
<h2>Pedidos / Orders ({len(stand_in.orders)})</h2>{_table(("objectId", "status", "", "orderGwId"), orders)}
<h2>Chamadas recebidas / Calls ({len(stand_in.calls)})</h2>{_table(("", "objectId", "", "", "body"), calls)}
<h2>Hooks enviados / Hooks ({len(stand_in.hooks)})</h2>{_table(("", "hook", "objectId", "status", ""), hooks)}
<script>{_SCRIPT}</script></body></html>"""


def _newest(lines: Sequence[Any]) -> list[Any]:
    return list(reversed(lines[-ROWS_MAX:]))


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    lines = ["".join(f'<td class="body">{escape(str(cell))}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
