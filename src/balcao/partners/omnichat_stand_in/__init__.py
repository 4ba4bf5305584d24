"""A stand-in for OmniChat, for tests, the demo and people's own trials: real HTTP on both sides.

It takes our calls as OmniChat's orders API does and keeps them, sends hooks as OmniChat does, shows both on a small
page, and misbehaves as told: slow, failing, dropping, doubling, reordering.
"""

from balcao.partners.omnichat_stand_in.model import Account, CallLine, StandIn, Switches
from balcao.partners.omnichat_stand_in.serve import standing_in

__all__ = ["Account", "CallLine", "StandIn", "Switches", "standing_in"]
