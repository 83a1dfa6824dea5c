# Who did what and when: rows that nobody changes.

from django.db import migrations, models

# As with approvals: whatever program asks, rows are only ever added.
APPEND_ONLY = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON estimator_auditentry
    FOR EACH ROW EXECUTE FUNCTION estimator_refuse_change();
"""
FORGET = "DROP TRIGGER audit_append_only ON estimator_auditentry;"


class Migration(migrations.Migration):

    dependencies = [
        ('estimator', '0020_exchange_rates_and_thresholds'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(blank=True, help_text='Name of the person; empty for the service itself.', max_length=150)),
                ('through', models.CharField(help_text='signed in, key and its prefix, link and its number, or the service itself.', max_length=60)),
                ('verb', models.CharField(choices=[('added', 'added'), ('changed', 'changed'), ('removed', 'removed'), ('imported', 'imported'), ('ran', 'asked for a run'), ('cancelled', 'cancelled'), ('froze', 'froze'), ('approved', 'approved'), ('shared', 'shared'), ('revoked', 'revoked'), ('exported', 'exported')], max_length=12)),
                ('noun', models.CharField(help_text='Kind of object, e.g. estimate.', max_length=60)),
                ('object_id', models.CharField(blank=True, max_length=60)),
                ('label', models.CharField(blank=True, help_text='What the object was called then.', max_length=200)),
                ('detail', models.CharField(blank=True, max_length=500)),
                ('address', models.GenericIPAddressField(help_text='Where the request came from; none for commands.', null=True)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['noun', 'object_id'], name='audit_object')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verb__in', ['added', 'changed', 'removed', 'imported', 'ran', 'cancelled', 'froze', 'approved', 'shared', 'revoked', 'exported'])), name='audit_known_verb')],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, FORGET),
    ]
