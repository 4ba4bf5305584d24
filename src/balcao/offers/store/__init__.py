"""The offers' SQL: it reads across products, prices and stock, and writes nothing."""
