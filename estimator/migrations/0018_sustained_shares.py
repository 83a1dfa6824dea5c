"""What a burstable type sustains of each vCPU."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estimator', '0017_growth_in_doubt'),
    ]

    operations = [
        migrations.AddField(
            model_name='hardwareprofile',
            name='sustained_share',
            field=models.FloatField(blank=True, help_text='Of each vCPU that a burstable type keeps up: 0.2 is 20 %. Empty: nobody tells, so it gets no cost.', null=True, validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddField(
            model_name='historicalhardwareprofile',
            name='sustained_share',
            field=models.FloatField(blank=True, help_text='Of each vCPU that a burstable type keeps up: 0.2 is 20 %. Empty: nobody tells, so it gets no cost.', null=True, validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddConstraint(
            model_name='hardwareprofile',
            constraint=models.CheckConstraint(condition=models.Q(('sustained_share', None), models.Q(('sustained_share__gt', 0), ('sustained_share__lte', 1)), _connector='OR'), name='hardware_sustained_share'),
        ),
    ]
