"""The processes of `balcao serve`: one parent that only looks after its children, so that it never falls over itself.

    balcao serve ── server process (one or several, all accepting from one socket that the parent bound)
                 ├─ worker process
                 └─ the embedded PostgreSQL, unless DATABASE_URL names another

A child that dies is started again. Told to stop, the parent lets the children finish what they are doing, then stops
the database. However the parent dies, its children notice and end.
"""
