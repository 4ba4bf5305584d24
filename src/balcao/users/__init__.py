"""People who use the console: who they are, and who is logged in."""
