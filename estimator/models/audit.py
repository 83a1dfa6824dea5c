"""Who did what and when: rows are only ever added; the database refuses to change or delete one."""

from django.db import models


class Verb(models.TextChoices):
    """What was done."""

    ADDED = "added", "added"
    CHANGED = "changed", "changed"
    REMOVED = "removed", "removed"
    IMPORTED = "imported", "imported"
    RAN = "ran", "asked for a run"
    CANCELLED = "cancelled", "cancelled"
    FROZE = "froze", "froze"
    APPROVED = "approved", "approved"
    SHARED = "shared", "shared"
    REVOKED = "revoked", "revoked"
    EXPORTED = "exported", "exported"


class AuditEntry(models.Model):
    """One deed. Names are copied, not referred to: an entry outlives whatever it is about."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True, help_text="Name of the person; empty for the service itself.")
    through = models.CharField(
        max_length=60, help_text="signed in, key and its prefix, link and its number, or the service itself."
    )
    verb = models.CharField(max_length=12, choices=Verb.choices)
    noun = models.CharField(max_length=60, help_text="Kind of object, e.g. estimate.")
    object_id = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=200, blank=True, help_text="What the object was called then.")
    detail = models.CharField(max_length=500, blank=True)
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from; none for commands.")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["noun", "object_id"], name="audit_object")]
        constraints = [models.CheckConstraint(condition=models.Q(verb__in=Verb.values), name="audit_known_verb")]

    def __str__(self) -> str:
        return f"{self.actor or self.through} {self.get_verb_display()} {self.noun} {self.label}".strip()
