"""The order: one serialised state machine. Every change locks its row, reads again, asks pure rules: all of it or none."""
