"""The stock's SQL: levels and their moves, counts, lists."""
