"""What every column of every export means."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.serializers.dictionary import DictionarySerializer
from estimator.api.views.base import ApiAddress
from estimator.exports.dictionary import Table, dictionary


class Dictionary(ApiAddress):
    """The data dictionary, made from the headings that write the files."""

    @extend_schema(operation_id="dictionary", tags=["dictionary"], responses=DictionarySerializer)
    def get(self, request: Request) -> Response:
        """Every column with its meaning, unit and type."""
        return Response({"tables": [_table(one) for one in dictionary()]})


def _table(table: Table) -> dict[str, Any]:
    columns = [{"name": name, **asdict(word)} for name, word in table.columns.items()]
    return {"slug": table.slug, "title": table.title, "files": list(table.files), "columns": columns}
