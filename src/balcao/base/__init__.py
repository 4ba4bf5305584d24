"""What every noun stands on: errors, values, settings, database, clock, files, jobs, outgoing HTTP."""
