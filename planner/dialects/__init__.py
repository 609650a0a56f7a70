"""How each API spells sends, answers and postbacks: code tables and small functions, in both directions.

`events` is the vocabulary that all dialects share; each other module is one API. Dialects are pure: they
turn JSON into values and values into JSON, and never open anything.
"""

from __future__ import annotations
