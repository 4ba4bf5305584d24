"""The doors: HTTP in and out. Here alone Litestar is known; behind them there are only nouns and verbs."""
