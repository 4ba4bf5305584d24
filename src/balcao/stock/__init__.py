"""How much of each SKU each store has, and how much of it open orders hold."""
