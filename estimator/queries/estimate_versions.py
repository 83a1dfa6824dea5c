"""What an estimate can be held against: its own versions first, then the newest of the others."""

from estimator.models import Estimate

MOST = 20


def comparable_estimates(estimate: Estimate, *, most: int = MOST) -> tuple[Estimate, ...]:
    """Without their contents: earlier versions, the newest leading, then later ones, then at most `most` others."""
    others = Estimate.objects.exclude(pk=estimate.pk).defer("content")
    same = others.filter(title=estimate.title, target_name=estimate.target_name)
    earlier = same.filter(version__lt=estimate.version).order_by("-version", "-pk")[:most]
    later = same.filter(version__gte=estimate.version).order_by("-version", "-pk")[:most]
    own = (*earlier, *later)
    newest = others.order_by("-pk")[: most + len(own)]
    known = {one.pk for one in own}
    return (*own, *[one for one in newest if one.pk not in known][:most])
