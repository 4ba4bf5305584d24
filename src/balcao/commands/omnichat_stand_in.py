"""`balcao omnichat-stand-in`: a local OmniChat for tests and trials."""

import asyncio
from typing import Any

import click

PORT = 8090


@click.command("omnichat-stand-in")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="Port to listen on.")
@click.option("--hook-url", default="", help="Where hooks go: the integration's hookUrl.")
@click.option("--inbound-secret", default="", help="What hooks are opened with: the integration's inboundSecret.")
@click.option("--api-secret", default="", help="What calls must be signed with; anything when not given.")
@click.option("--slow", type=click.FloatRange(0, 1), default=0.0, help="How many calls are answered late, 0 to 1.")
@click.option("--fail", type=click.FloatRange(0, 1), default=0.0, help="How many calls are answered with 500.")
@click.option("--drop", type=click.FloatRange(0, 1), default=0.0, help="How many calls are not answered at all.")
@click.option("--twice", type=click.FloatRange(0, 1), default=0.0, help="How many hooks are sent twice.")
@click.option("--shuffle", type=click.FloatRange(0, 1), default=0.0, help="How many hooks are sent late.")
def omnichat_stand_in(
    host: str, port: int, hook_url: str, inbound_secret: str, api_secret: str, **switches: float
) -> None:
    """Play OmniChat: take our calls at /v2, send hooks, show both on a page, and misbehave as told. Until Ctrl-C.

    \b
    Examples:
      balcao omnichat-stand-in
      balcao omnichat-stand-in --fail 0.3 --slow 0.1 --twice 0.5
      curl -X POST localhost:8090/orders -d @order.json
      curl -X POST localhost:8090/orders/ORDER_ID/status -d '{"status": "PAID"}'
    """
    from balcao.partners.omnichat_stand_in import Account

    account = Account(hook_url=hook_url, inbound_secret=inbound_secret, api_secret=api_secret)
    asyncio.run(_stand_in(account, switches, host=host, port=port))


async def _stand_in(account: Any, switches: dict[str, float], *, host: str, port: int) -> None:
    import signal

    from balcao.partners.omnichat_stand_in import StandIn, Switches, standing_in

    stand_in, stop = StandIn(account, Switches(**switches)), asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    async with standing_in(stand_in, host=host, port=port):
        click.echo(f"OmniChat's stand-in listens on {stand_in.url} (orders API: {stand_in.url}/v2)")
        await stop.wait()
