"""Addresses of the pages people read."""

from django.urls import path

from estimator.reports import (
    capacities,
    claims,
    dictionary,
    differences,
    estimates,
    health,
    plans,
    runs,
    shares,
    sign_in,
    start,
    targets,
)

urlpatterns = [
    path("", start.start, name="start"),
    path("sign-in/", sign_in.SignIn.as_view(), name="login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="logout"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("reports/", targets.targets, name="reports"),
    path("reports/<int:target_id>/", targets.report, name="report"),
    path("reports/<int:target_id>/freeze/", targets.freeze, name="freeze"),
    path("estimates/", estimates.estimates, name="estimates"),
    path("estimates/<int:estimate_id>/", estimates.estimate, name="estimate"),
    path("estimates/<int:estimate_id>/difference/", differences.difference, name="difference"),
    path("estimates/<int:estimate_id>/repriced/", differences.repriced, name="repriced"),
    path("estimates/<int:estimate_id>/repriced/freeze/", differences.freeze_at_prices, name="freeze-repriced"),
    path("estimates/<int:estimate_id>/share/", shares.share, name="share-estimate"),
    path("estimates/<int:estimate_id>/approve/", shares.approve, name="approve-estimate"),
    path("estimate-shares/<int:share_id>/revoke/", shares.revoke, name="revoke-share"),
    path("shared/<str:token>.csv", shares.shared_csv, name="shared-csv"),
    path("shared/<str:token>/", shares.shared, name="shared"),
    path("capacities/", capacities.capacities, name="capacities"),
    path("claims/", claims.claims, name="claims"),
    path("dictionary/", dictionary.dictionary, name="dictionary"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:plan_id>/run/", plans.run_now, name="run-now"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/cancel/", runs.cancel, name="cancel-run"),
]
