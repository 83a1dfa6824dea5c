# Dated exchange rates, and the thresholds of a target's budget.

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import estimator.models.traffic
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("estimator", "0019_answered_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="estimate",
            name="budget_status",
            field=models.CharField(
                blank=True,
                default="",
                help_text="within, at risk or over; empty where the target had no budget.",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="budget_thresholds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=estimator.models.traffic.default_thresholds,
                help_text="Percent of the budget in rising order, parted by commas; the report says when each is crossed.",
                size=10,
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="budget_thresholds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=estimator.models.traffic.default_thresholds,
                help_text="Percent of the budget in rising order, parted by commas; the report says when each is crossed.",
                size=10,
            ),
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        help_text="Where the facts come from, e.g. the provider's price list.", max_length=200
                    ),
                ),
                (
                    "source_version",
                    models.CharField(blank=True, help_text="Version or page of the source.", max_length=100),
                ),
                ("as_of", models.DateField(help_text="The day on which the source said so.", verbose_name="as of")),
                ("licence", models.CharField(blank=True, help_text="Licence of the source.", max_length=100)),
                (
                    "base",
                    models.CharField(
                        default="EUR",
                        help_text="ISO 4217, e.g. EUR.",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Enter the three capital letters of ISO 4217, e.g. USD."
                            )
                        ],
                    ),
                ),
                (
                    "quote",
                    models.CharField(
                        help_text="ISO 4217, e.g. USD.",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Enter the three capital letters of ISO 4217, e.g. USD."
                            )
                        ],
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=10,
                        help_text="As published; the other direction and pairs by way of a third currency are calculated from it.",
                        max_digits=20,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-10"), "Enter a rate above 0.")
                        ],
                    ),
                ),
            ],
            options={
                "ordering": ["base", "quote", "-as_of"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("base", "quote", "as_of"),
                        name="exchange_rate_unique_per_day",
                        violation_error_message="as of: that day has a rate of this pair; correct it or enter another day.",
                    ),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="exchange_rate_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True),
                        name="exchange_rate_between_two",
                        violation_error_message="Both currencies are the same; choose another one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base__regex", "^[A-Z]{3}$"), ("quote__regex", "^[A-Z]{3}$")),
                        name="exchange_rate_iso_4217",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalExchangeRate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        help_text="Where the facts come from, e.g. the provider's price list.", max_length=200
                    ),
                ),
                (
                    "source_version",
                    models.CharField(blank=True, help_text="Version or page of the source.", max_length=100),
                ),
                ("as_of", models.DateField(help_text="The day on which the source said so.", verbose_name="as of")),
                ("licence", models.CharField(blank=True, help_text="Licence of the source.", max_length=100)),
                (
                    "base",
                    models.CharField(
                        default="EUR",
                        help_text="ISO 4217, e.g. EUR.",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Enter the three capital letters of ISO 4217, e.g. USD."
                            )
                        ],
                    ),
                ),
                (
                    "quote",
                    models.CharField(
                        help_text="ISO 4217, e.g. USD.",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Enter the three capital letters of ISO 4217, e.g. USD."
                            )
                        ],
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=10,
                        help_text="As published; the other direction and pairs by way of a third currency are calculated from it.",
                        max_digits=20,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-10"), "Enter a rate above 0.")
                        ],
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical exchange rate",
                "verbose_name_plural": "historical exchange rates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
