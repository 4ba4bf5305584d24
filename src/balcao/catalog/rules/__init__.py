"""The catalogue's pure rules: what categories, products, SKUs and prices are, and what may be sent."""

from balcao.catalog.rules.model import EVERY_SELLER, Attribute, Price, SkuFacts

__all__ = ["EVERY_SELLER", "Attribute", "Price", "SkuFacts"]
