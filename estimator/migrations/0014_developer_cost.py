# Rates of developers, migrations from one stack to another; a target's budget and what its database allows.

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("estimator", "0013_tariffs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeveloperRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="Whose work, e.g. FastAPI developer, middle level.", max_length=100, unique=True
                    ),
                ),
                (
                    "hourly_low",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Per hour.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="lowest rate (per hour)",
                    ),
                ),
                (
                    "hourly_high",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Per hour.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="highest rate (per hour)",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
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
                    "source",
                    models.CharField(help_text="Who says so, e.g. our pay roll, or an article.", max_length=200),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hourly_low__gt", 0), ("hourly_high__gte", models.F("hourly_low"))),
                        name="rate_in_order",
                        violation_error_message="The highest rate is below the lowest, or no rate at all; enter both above 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="rate_currency_iso_4217"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDeveloperRate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        db_index=True, help_text="Whose work, e.g. FastAPI developer, middle level.", max_length=100
                    ),
                ),
                (
                    "hourly_low",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Per hour.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="lowest rate (per hour)",
                    ),
                ),
                (
                    "hourly_high",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Per hour.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="highest rate (per hour)",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
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
                    "source",
                    models.CharField(help_text="Who says so, e.g. our pay roll, or an article.", max_length=200),
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
                "verbose_name": "historical developer rate",
                "verbose_name_plural": "historical developer rates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalMigrationCase",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        db_index=True, help_text="What is rebuilt, e.g. admin and sign-in.", max_length=100
                    ),
                ),
                (
                    "hours_low",
                    models.DecimalField(
                        decimal_places=1,
                        help_text="A week has 40.",
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="fewest hours",
                    ),
                ),
                (
                    "hours_high",
                    models.DecimalField(
                        decimal_places=1,
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="most hours",
                    ),
                ),
                ("source", models.CharField(help_text="Where the hours come from.", max_length=200)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "from_stack",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="What runs today.",
                        limit_choices_to=models.Q(("active", True), ("variant_of", None)),
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="estimator.stack",
                    ),
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
                (
                    "rate",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="estimator.developerrate",
                    ),
                ),
                (
                    "to_stack",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="What it becomes.",
                        limit_choices_to=models.Q(("active", True), ("variant_of", None)),
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="estimator.stack",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical migration case",
                "verbose_name_plural": "historical migration cases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MigrationCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(help_text="What is rebuilt, e.g. admin and sign-in.", max_length=100, unique=True),
                ),
                (
                    "hours_low",
                    models.DecimalField(
                        decimal_places=1,
                        help_text="A week has 40.",
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="fewest hours",
                    ),
                ),
                (
                    "hours_high",
                    models.DecimalField(
                        decimal_places=1,
                        max_digits=9,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="most hours",
                    ),
                ),
                ("source", models.CharField(help_text="Where the hours come from.", max_length=200)),
                (
                    "from_stack",
                    models.ForeignKey(
                        help_text="What runs today.",
                        limit_choices_to=models.Q(("active", True), ("variant_of", None)),
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="estimator.stack",
                    ),
                ),
                (
                    "rate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="estimator.developerrate"
                    ),
                ),
                (
                    "to_stack",
                    models.ForeignKey(
                        help_text="What it becomes.",
                        limit_choices_to=models.Q(("active", True), ("variant_of", None)),
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="estimator.stack",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hours_low__gt", 0), ("hours_high__gte", models.F("hours_low"))),
                        name="migration_hours_in_order",
                        violation_error_message="Most hours are fewer than the fewest, or none; enter both above 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_stack", models.F("to_stack")), _negated=True),
                        name="migration_changes_the_stack",
                        violation_error_message="Both stacks are the same; choose another one to move to.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="database_connections",
            field=models.PositiveIntegerField(
                default=100,
                help_text="The database's max_connections; a fleet that needs more is told that it needs a pooler.",
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="database_connections_reserved",
            field=models.PositiveIntegerField(
                default=3, help_text="For administrators and backups.", verbose_name="of these kept back"
            ),
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="database_rtt_ms",
            field=models.FloatField(
                default=0.5,
                help_text="Each statement waits for one, in ms.",
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(10000.0),
                ],
                verbose_name="database round trip (ms)",
            ),
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="monthly_budget",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="In the currency above; the report says in which month the bill exceeds it. Empty: none.",
                max_digits=18,
                null=True,
                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
            ),
        ),
        migrations.AddField(
            model_name="historicaltraffictarget",
            name="payload_bytes",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Of a response; 0 leaves the machine's network unchecked.",
                verbose_name="payload (bytes)",
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="database_connections",
            field=models.PositiveIntegerField(
                default=100,
                help_text="The database's max_connections; a fleet that needs more is told that it needs a pooler.",
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="database_connections_reserved",
            field=models.PositiveIntegerField(
                default=3, help_text="For administrators and backups.", verbose_name="of these kept back"
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="database_rtt_ms",
            field=models.FloatField(
                default=0.5,
                help_text="Each statement waits for one, in ms.",
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(10000.0),
                ],
                verbose_name="database round trip (ms)",
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="monthly_budget",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="In the currency above; the report says in which month the bill exceeds it. Empty: none.",
                max_digits=18,
                null=True,
                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
            ),
        ),
        migrations.AddField(
            model_name="traffictarget",
            name="payload_bytes",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Of a response; 0 leaves the machine's network unchecked.",
                verbose_name="payload (bytes)",
            ),
        ),
        migrations.AddConstraint(
            model_name="traffictarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("monthly_budget", None), ("monthly_budget__gt", 0), _connector="OR"),
                name="target_budget_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="traffictarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("database_connections__gt", models.F("database_connections_reserved"))),
                name="target_connections_left",
                violation_error_message="All database connections are kept back; keep fewer than there are.",
            ),
        ),
    ]
