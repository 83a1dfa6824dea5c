# What lists of estimates show without reading their contents, and the indexes that they are found by.

from decimal import Decimal

from django.db import migrations, models


def fill(apps, schema_editor):
    estimates = apps.get_model("estimator", "Estimate").objects
    for estimate in estimates.only("content").iterator(chunk_size=20):
        currency, monthly_cost = _lowest_bill(estimate.content)
        estimates.filter(pk=estimate.pk).update(currency=currency, monthly_cost=monthly_cost)


def _lowest_bill(content):
    """As `services.estimates.lowest_bill` was when this was written; what cannot be read was edited, and is refused anyway."""
    try:
        cheapest = min(content.get("rows", ()), key=lambda row: Decimal(row["monthly_cost"]["p50"]), default=None)
        if cheapest is None:
            return content.get("traffic", {}).get("currency", ""), None
        return cheapest["currency"], cheapest["monthly_cost"]
    except (AttributeError, ArithmeticError, KeyError, TypeError):
        return "", None


class Migration(migrations.Migration):

    dependencies = [
        ("estimator", "0015_estimate_shares"),
    ]

    operations = [
        migrations.AddField(
            model_name="estimate",
            name="currency",
            field=models.CharField(blank=True, default="", help_text="Of its amounts; ISO 4217.", max_length=3),
        ),
        migrations.AddField(
            model_name="estimate",
            name="monthly_cost",
            field=models.JSONField(
                help_text="P10, P50, P90 of the cheapest row; null where none has a cost.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="estimate",
            index=models.Index(fields=["cost_centre", "-id"], name="estimate_cost_centre"),
        ),
        migrations.AddIndex(
            model_name="estimate",
            index=models.Index(fields=["-created_at", "-id"], name="estimate_newest"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
