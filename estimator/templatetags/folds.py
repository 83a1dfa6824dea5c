"""A section that folds: its heading and its result stay in sight, what is inside is on demand."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag
def fold(content: SafeString, section: Any) -> SafeString:
    """`{% fold sections.measured %}...{% endfold %}`: a `reports.sections.Section`, which says whether it is open."""
    return render_to_string("parts/fold.html", {"section": section, "content": content})
