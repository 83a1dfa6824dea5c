"""What a column says, in which unit, and as which type it is written."""

from dataclasses import dataclass

TEXT, WHOLE, NUMBER, DECIMAL = "text", "whole number", "number", "exact decimal"
DATE, DATE_TIME, TRUE_OR_FALSE = "date", "date and time", "true or false"


@dataclass(frozen=True, kw_only=True)
class Word:
    """One column; an empty unit is none."""

    meaning: str
    unit: str = ""
    type: str = TEXT
