"""What may be asked for."""

from django import forms

LARGEST_INTEGER = 2_147_483_647  # that the column holds


class OrderForm(forms.Form):
    user_id = forms.IntegerField()
    sku = forms.CharField()
    quantity = forms.IntegerField(min_value=1, max_value=LARGEST_INTEGER)
