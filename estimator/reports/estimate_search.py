"""The search form above the list of estimates; every field may stay empty."""

from typing import Any

from django import forms

from estimator.queries.estimates import EstimateSearch

_APPROVED = {"": None, "yes": True, "no": False}
_GREATEST_ID = 2**63 - 1


class EstimateSearchForm(forms.Form):
    """Names are matched as a whole; days are those of UTC."""

    cost_centre = forms.CharField(label="Cost centre", required=False, max_length=60)
    target = forms.CharField(label="Traffic target", required=False, max_length=100)
    currency = forms.CharField(required=False, max_length=3, help_text="ISO 4217, e.g. USD")
    since = forms.DateField(label="Frozen since", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Frozen until", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    approved = forms.ChoiceField(
        required=False, choices=[("", "approved or not"), ("yes", "approved"), ("no", "not approved")]
    )
    below = forms.IntegerField(required=False, min_value=1, max_value=_GREATEST_ID, widget=forms.HiddenInput)

    def search(self) -> EstimateSearch:
        """What is looked for; the form must be valid."""
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "below"}
        asked["currency"] = asked["currency"].upper()
        return EstimateSearch(**{**asked, "approved": _APPROVED[asked["approved"]]})
