"""All figures of `manage.py bench`, one after the other."""

from collections.abc import Iterator

from benchmarks.validation.estimate_speed import estimate_figures
from benchmarks.validation.figures import Figure
from benchmarks.validation.ground import Ground
from benchmarks.validation.hourly_speed import hourly_figure
from benchmarks.validation.own_service import own_service
from benchmarks.validation.peers import generator_figures, stall_figures
from benchmarks.validation.planner_speed import planner_figure
from benchmarks.validation.projection_speed import projection_figure
from benchmarks.validation.service_cost import service_figures


def all_figures(ground: Ground) -> Iterator[Figure]:
    """Each figure as it is measured, in about 15 min. Raises BenchmarkError when something cannot be run."""
    ground.tell("projection, about 20 s ...")
    yield projection_figure(core=ground.cores.app[0])
    yield hourly_figure(core=ground.cores.app[0])
    ground.tell("the nearest peer's plan, about 25 s ...")
    yield planner_figure(ground)
    ground.tell("generators, about 70 s ...")
    yield from generator_figures(ground)
    ground.tell("a stall as each tool reports it, about 80 s ...")
    yield from stall_figures(ground)
    with own_service(ground) as service:
        ground.tell("quick plans, about 9 min ...")
        yield from service_figures(service)
        ground.tell("100,000 estimates, about 3 min ...")
        yield from estimate_figures(service)
