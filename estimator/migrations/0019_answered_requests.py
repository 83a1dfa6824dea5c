"""Requests that are carried out once, and keys for exports alone."""

import django.contrib.postgres.fields
from django.db import migrations, models

import estimator.models.access


class Migration(migrations.Migration):

    dependencies = [
        ('estimator', '0018_sustained_shares'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnsweredRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.CharField(help_text='SHA-256 of who asked and the key.', max_length=64, unique=True)),
                ('asked_hash', models.CharField(help_text='SHA-256 of method, address and body.', max_length=64)),
                ('asked_at', models.DateTimeField(db_index=True)),
                ('status', models.PositiveSmallIntegerField(help_text='Null only until its transaction ends.', null=True)),
                ('location', models.CharField(blank=True, max_length=500)),
                ('body', models.TextField(blank=True, help_text='JSON as it was sent, without what is told once.')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__range', (200, 299)), _connector='OR'), name='answer_succeeded')],
            },
        ),
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'read everything'), ('run', 'start and cancel runs, freeze and share estimates, write targets, plans and journeys'), ('admin', 'what administrators decide: approve estimates'), ('export', 'fetch the files of estimates and nothing else; such a key may stand in an address as ?key=')], max_length=10), default=estimator.models.access.default_scopes, size=None),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('scopes__contains', ['export']), _negated=True), ('scopes', ['export']), _connector='OR'), name='api_key_export_stands_alone', violation_error_message='scopes: A key for export does nothing else; tick export alone, or leave it out.'),
        ),
    ]
