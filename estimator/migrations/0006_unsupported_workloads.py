"""Stacks say which workloads they cannot be measured under, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("estimator", "0004_kinds_of_windows")]

    operations = [
        migrations.AddField(
            model_name="stack",
            name="unsupported",
            field=models.JSONField(
                default=dict, help_text="Workloads that it cannot be measured under, with the manifest's reason."
            ),
        ),
        migrations.AlterField(
            model_name="stack",
            name="workloads",
            field=models.ManyToManyField(
                help_text="What its app serves.", related_name="stacks", to="estimator.workload"
            ),
        ),
    ]
