"""What the sample shop is made of: hand-written facts (TOML) and what grows out of them (Python)."""
