"""Raw windows: the domain value and its row."""

from dataclasses import asdict, fields
from typing import Any

from django.db import models

from estimator.domain.measuring.measurement import Histogram, ResourceUse, Sender, Window
from estimator.domain.measuring.workload import StepKind
from estimator.models.benchmarks import TrialRecord

_HISTOGRAMS = ("latency", "lateness")
_TEXTS = ("void", "notes")


def window_to_json(window: Window) -> dict[str, Any]:
    """All fields of a window; histograms as sparse counts."""
    data = {field.name: getattr(window, field.name) for field in fields(window)}
    histograms = {name: data[name].to_json() for name in _HISTOGRAMS}  # `asdict` would copy every count first
    senders = [asdict(sender) for sender in window.senders]
    return data | histograms | {"resources": asdict(window.resources), "senders": senders}


def window_from_json(data: dict[str, Any]) -> Window:
    """The reverse of `window_to_json`; fields of a later version are left out, missing ones take their default."""
    known = {field.name for field in fields(Window)}
    values = {name: value for name, value in data.items() if name in known}
    values["kind"] = StepKind(values["kind"])
    values["resources"] = ResourceUse(**values["resources"])
    values["senders"] = tuple(Sender(**sender) for sender in values.get("senders", ()))
    values |= {name: Histogram.from_json(values[name]) for name in _HISTOGRAMS}
    values |= {name: tuple(values[name]) for name in _TEXTS}
    return Window(**values)


class WindowRecord(models.Model):
    """One stretch of constant offered rate, raw and immutable. `data` is the domain window as JSON."""

    trial = models.ForeignKey(TrialRecord, on_delete=models.CASCADE, related_name="windows")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in StepKind])
    offered_rate = models.FloatField(null=True, help_text="requests/s; empty for a closed loop")
    achieved_rate = models.FloatField(help_text="right answers/s")
    duration_s = models.FloatField()
    completed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField(help_text="errors, wrong answers and arrivals never sent")
    void = models.BooleanField(default=False)
    data = models.JSONField()

    class Meta:
        verbose_name = "window"
        ordering = ["trial", "sequence"]
        constraints = [models.UniqueConstraint(fields=["trial", "sequence"], name="window_recorded_once")]

    def __str__(self) -> str:
        return f"window {self.sequence} ({self.kind}) of trial {self.trial_id}"

    @classmethod
    def of(cls, window: Window, *, trial: TrialRecord) -> "WindowRecord":
        """The unsaved row of a window."""
        return cls(
            trial=trial,
            sequence=window.sequence,
            kind=window.kind.value,
            offered_rate=window.offered_rate,
            achieved_rate=window.achieved_rate,
            duration_s=window.duration_s,
            completed=window.completed,
            failed=window.errors + window.wrong + window.unsent,
            void=bool(window.void),
            data=window_to_json(window),
        )

    def to_domain(self) -> Window:
        """The window as it was measured."""
        return window_from_json(self.data)
