"""The bench's own SQL: the limits that figures are compared with, orders by the million, and what must hold after."""
