"""The stores' pure rules: what a store is, what may be sent about one, and how requests name one."""

from balcao.sellers.rules.model import Seller, SellerBody, WorkingHours

__all__ = ["Seller", "SellerBody", "WorkingHours"]
