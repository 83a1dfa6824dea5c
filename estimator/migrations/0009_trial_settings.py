"""A trial keeps the settings it ran with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("estimator", "0008_journeys")]

    operations = [
        migrations.AddField(
            model_name="trialrecord",
            name="settings",
            field=models.JSONField(
                default=dict, help_text="The server's set-up as it ran; the stack's own may change."
            ),
        )
    ]
