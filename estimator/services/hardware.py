"""Hardware profiles and prices that people enter."""

from collections.abc import Collection

from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from estimator.models.tariffs import Tariff


def mark_entered(row: HardwareProfile | Price | Tariff, *, changed: Collection[str], by: str) -> None:
    """Make a row whose fields a person `changed` that person's own, before it is saved.

    The catalogue leaves such rows alone. Whoever names no source becomes the source.
    """
    if not changed:
        return
    if "source" not in changed:
        row.source, row.source_version, row.licence = f"entered by {by}", "", ""
    if isinstance(row, Price | Tariff):
        row.cross_check, row.cross_check_note = CrossCheck.ENTERED, ""
