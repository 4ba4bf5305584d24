"""What every noun stands on: errors, values, settings, the database, the tenant's clock, files, jobs and outgoing HTTP."""
