"""Traffic profiles: a week of requests, uploaded as CSV."""

from typing import Any

from django import forms
from django.contrib import admin

from estimator.admin.base import HistoryAdmin, list_of
from estimator.domain.cost.shape import ShapeError, hour_name, parse_requests
from estimator.models import TrafficTarget
from estimator.models.profiles import TrafficProfile

_MOST_BYTES = 100_000  # 168 rows need a few thousand


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """The 168 figures come from a file, as nobody types them."""

    week = forms.FileField(
        label="Week (CSV)",
        help_text="168 rows of hour,requests (hours 0 to 167 from Monday 00:00 UTC on) or of requests alone; "
        "a heading may stand above. Only the relation of the hours counts.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """A stored profile keeps its week unless another is chosen."""
        super().__init__(*args, **options)
        if "week" in self.fields:  # not for those who may only look
            self.fields["week"].required = not self.instance.pk

    def clean_week(self) -> None:
        """Raises ValidationError that names row and remedy."""
        file: Any = self.cleaned_data["week"]
        if file is None:
            return
        if (file.size or 0) > _MOST_BYTES:
            raise forms.ValidationError(f"The file has {file.size:,} bytes; 168 rows need at most {_MOST_BYTES:,}.")
        try:
            self.instance.hourly = list(parse_requests(file.read().decode("utf-8-sig").splitlines()))
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not UTF-8 text; save it as CSV (UTF-8).") from None
        except ShapeError as problem:
            raise forms.ValidationError(str(problem)) from None


@admin.register(TrafficProfile)
class TrafficProfileAdmin(HistoryAdmin):
    """Shipped and uploaded weeks."""

    form = ProfileForm
    list_display = ("name", "peak_to_mean", "busiest", "assumed", "source", "as_of", "licence", "used_by")
    list_filter = ("assumed",)
    search_fields = ("name", "source")
    fields = ("name", "week", "peak_to_mean", "busiest", "assumed", "source", "source_version", "as_of", "licence")
    readonly_fields = ("peak_to_mean", "busiest")

    @admin.display(description="busiest hour / mean")
    def peak_to_mean(self, row: TrafficProfile) -> str:
        """What a fleet that is fixed at the peak is sized for."""
        return f"{row.to_shape().peak:.2f}" if row.hourly else "-"

    @admin.display(description="busiest hour")
    def busiest(self, row: TrafficProfile) -> str:
        """By its name."""
        return hour_name(row.to_shape().busiest_hour) if row.hourly else "-"

    @admin.display(description="targets")
    def used_by(self, row: TrafficProfile) -> str:
        """The targets that have this shape."""
        return list_of(TrafficTarget, "show", shape__id__exact=row.pk)
