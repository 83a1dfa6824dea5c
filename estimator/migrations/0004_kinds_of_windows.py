"""Two more kinds of window: hundreds of connections, and the estimated capacity."""

from django.db import migrations, models

_KINDS = [
    "warm_up",
    "saturation",
    "open_loop",
    "half_capacity",
    "locust",
    "crowd",
    "confirmation",
]


class Migration(migrations.Migration):
    dependencies = [("estimator", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="windowrecord",
            name="kind",
            field=models.CharField(choices=[(kind, kind) for kind in _KINDS], max_length=16),
        ),
    ]
