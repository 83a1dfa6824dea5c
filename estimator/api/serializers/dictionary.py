"""The data dictionary."""

from typing import Any

from rest_framework import serializers


class WordSerializer(serializers.Serializer[Any]):
    """One column."""

    name = serializers.CharField()
    meaning = serializers.CharField()
    unit = serializers.CharField(allow_blank=True, help_text="Empty where there is none.")
    type = serializers.CharField(help_text="As which type it is written; empty cells are empty in all of them.")


class TableSerializer(serializers.Serializer[Any]):
    """Files that share their columns."""

    slug = serializers.CharField()
    title = serializers.CharField()
    files = serializers.ListField(child=serializers.CharField(), help_text="Addresses below /api/v1/.")
    columns = WordSerializer(many=True)


class DictionarySerializer(serializers.Serializer[Any]):
    """Every column of every flat file."""

    tables = TableSerializer(many=True)
