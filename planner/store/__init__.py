"""The store: tables, migrations, the ledgers, and the views that are folded from them.

Callers use `Store`, `ledgers` and `views`; rows never leave this package.
"""

from planner.store import ledgers, views
from planner.store.stores import Store, Transaction

__all__ = ["Store", "Transaction", "ledgers", "views"]
