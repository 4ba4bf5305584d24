"""The stock's pure rules: levels, moves and counts."""

from balcao.stock.rules.model import Level, StockKey, StockMove, net_moves

__all__ = ["Level", "StockKey", "StockMove", "net_moves"]
