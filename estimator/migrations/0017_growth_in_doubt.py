"""Growth of a target in doubt: its P10 and P90 beside the middle."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estimator', '0016_estimate_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicaltraffictarget',
            name='growth_per_month_high',
            field=models.FloatField(blank=True, help_text='Empty: no higher than the middle. With both empty the growth is taken as known.', null=True, validators=[django.core.validators.MinValueValidator(-0.5), django.core.validators.MaxValueValidator(1.0)], verbose_name='growth per month, high (P90)'),
        ),
        migrations.AddField(
            model_name='historicaltraffictarget',
            name='growth_per_month_low',
            field=models.FloatField(blank=True, help_text='Empty: no lower than the middle.', null=True, validators=[django.core.validators.MinValueValidator(-0.5), django.core.validators.MaxValueValidator(1.0)], verbose_name='growth per month, low (P10)'),
        ),
        migrations.AddField(
            model_name='traffictarget',
            name='growth_per_month_high',
            field=models.FloatField(blank=True, help_text='Empty: no higher than the middle. With both empty the growth is taken as known.', null=True, validators=[django.core.validators.MinValueValidator(-0.5), django.core.validators.MaxValueValidator(1.0)], verbose_name='growth per month, high (P90)'),
        ),
        migrations.AddField(
            model_name='traffictarget',
            name='growth_per_month_low',
            field=models.FloatField(blank=True, help_text='Empty: no lower than the middle.', null=True, validators=[django.core.validators.MinValueValidator(-0.5), django.core.validators.MaxValueValidator(1.0)], verbose_name='growth per month, low (P10)'),
        ),
        migrations.AddConstraint(
            model_name='traffictarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('growth_per_month_low', None), ('growth_per_month_low__lte', models.F('growth_per_month')), _connector='OR'), models.Q(('growth_per_month_high', None), ('growth_per_month_high__gte', models.F('growth_per_month')), _connector='OR')), name='target_growths_in_order', violation_error_message='growth per month: low, middle and high must be in rising order.'),
        ),
    ]
