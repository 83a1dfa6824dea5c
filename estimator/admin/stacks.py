"""Stacks and workloads, to read: they follow the manifests in the folder of the apps under test."""

from django.contrib import admin

from estimator.admin.base import ReadOnlyAdmin
from estimator.models import Stack, Workload


@admin.register(Stack)
class StackAdmin(ReadOnlyAdmin):
    """Framework, server, settings and app."""

    list_display = ("title", "slug", "framework", "server", "workload_slugs", "active")
    list_filter = ("active", "framework", "server", "workloads")
    search_fields = ("title", "slug")
    fieldsets = (
        (
            None,
            {
                "fields": ("title", "slug", "framework", "server", "workloads", "unsupported", "active", "settings"),
                "description": "Read from the manifest benchmark.toml in the stack's folder. To change it, edit the "
                "manifest and run `manage.py register_stacks`; to add a stack of your own, add a folder.",
            },
        ),
        ("Manifest", {"fields": ("folder", "manifest_hash", "position"), "classes": ("collapse",)}),
    )

    @admin.display(description="workloads")
    def workload_slugs(self, row: Stack) -> str:
        """What its app serves."""
        return ", ".join(workload.slug for workload in row.workloads.all())


@admin.register(Workload)
class WorkloadAdmin(ReadOnlyAdmin):
    """One kind of request with its expected response."""

    list_display = ("title", "slug", "served_by")
    search_fields = ("title", "slug")

    @admin.display(description="served by")
    def served_by(self, row: Workload) -> str:
        """The stacks that can be measured under it."""
        return ", ".join(stack.title for stack in row.stacks.all())
