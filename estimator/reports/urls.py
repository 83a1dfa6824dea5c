"""Addresses of the pages people read."""

from django.urls import path

from estimator.reports import health, plans, runs, sign_in, start

urlpatterns = [
    path("", start.start, name="start"),
    path("sign-in/", sign_in.SignIn.as_view(), name="login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="logout"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:plan_id>/run/", plans.run_now, name="run-now"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel-run"),
]
