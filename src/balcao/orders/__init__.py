"""The order: one serialised state machine. Every change locks its row, reads again and asks pure rules."""
