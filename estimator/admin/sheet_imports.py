"""Import of a CSV or XLSX file in the admin: upload, look at the differences, confirm; all rows or none."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from import_export.admin import ImportMixin
from import_export.formats.base_formats import Format
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.resources import Resource
from import_export.results import Result
from import_export.tmp_storages import CacheStorage
from tablib import Dataset

from estimator.catalogue.sheet_import import Noun, compare_sheet, import_sheet
from estimator.catalogue.sheets import LARGEST_FILE, MIB, Sheet, SheetError, read_csv, read_xlsx
from estimator.services.differences import Differences, ImportRefused, Kind

_PREVIEW_LASTS_S = 3600
_SHOWN = 500  # rows of a preview; the counts are of all
# What a person looks for comes first.
_SHOWN_KINDS = (Kind.CHANGED, Kind.NEW, Kind.CONFIRMED, Kind.UNCHANGED)


class CsvFile(Format):  # type: ignore[misc]
    """Read by us: the package's reader pads, guesses and loses the numbers of rows."""

    def __init__(self, encoding: str | None = None) -> None:
        """The encoding is always UTF-8."""

    def get_title(self) -> str:
        """As the form offers it."""
        return "csv"

    def can_import(self) -> bool:
        """It can."""
        return True

    def create_dataset(self, in_stream: bytes | None, **_: Any) -> Dataset:
        """The rows, with the file's hash as title. Raises SheetError."""
        if in_stream is None:
            raise SheetError("The preview is over an hour old; upload the file again.")
        sheet = self.read(in_stream)
        return Dataset(*sheet.rows, headers=sheet.heading, title=sheet.digest)

    def read(self, content: bytes) -> Sheet:
        """Raises SheetError."""
        return read_csv(content)


class XlsxFile(CsvFile):
    """Read by us: formulas are seen, and a workbook that swells is not unpacked."""

    def get_title(self) -> str:
        """As the form offers it."""
        return "xlsx"

    def read(self, content: bytes) -> Sheet:
        """Raises SheetError."""
        return read_xlsx(content)


class UploadedFile(CacheStorage):  # type: ignore[misc]
    """Between preview and confirmation the file lies where every web process finds it, under a name nobody guesses."""

    CACHE_LIFETIME = _PREVIEW_LASTS_S
    CACHE_PREFIX = "sheet-import-"


class UploadForm(ImportForm):  # type: ignore[misc]
    """A file, and of which kind it is."""

    def clean_import_file(self) -> Any:
        """Told before the file is read."""
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST_FILE:
            size, limit = file.size / MIB, LARGEST_FILE // MIB
            raise forms.ValidationError(f"The file has {size:.1f} MiB; at most {limit} MiB are read: split it.")
        return file


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """What was looked at is what is written."""

    format = forms.ChoiceField(choices=[("0", "csv"), ("1", "xlsx")], widget=forms.HiddenInput)
    fingerprint = forms.CharField(widget=forms.HiddenInput)


class SheetResult(Result):  # type: ignore[misc]
    """The package's result, carrying our differences."""

    def __init__(self, differences: Differences, *, refused: str = "") -> None:
        super().__init__()
        self.differences, self.refused = differences, refused
        self.total_rows = len(differences.rows)

    def has_validation_errors(self) -> bool:
        """Then there is nothing to confirm."""
        return bool(self.differences.refusals)

    @property
    def shown(self) -> list[Any]:
        """The rows of the preview."""
        return [row for kind in _SHOWN_KINDS for row in self.differences.of(kind)][:_SHOWN]


class SheetResource(Resource):  # type: ignore[misc]
    """Hands the rows to the one function that writes them."""

    noun: Noun

    @classmethod
    def get_display_name(cls) -> str:
        """The package asks for it."""
        return cls.__name__

    def import_data(self, dataset: Dataset, dry_run: bool = False, **options: Any) -> SheetResult:
        """Compare, or write all or nothing."""
        sheet = Sheet(heading=tuple(dataset.headers), rows=tuple(dataset), digest=dataset.title)
        today = timezone.now().date()
        if dry_run:
            return SheetResult(compare_sheet(sheet, noun=self.noun, today=today))
        try:
            return SheetResult(
                import_sheet(
                    sheet,
                    noun=self.noun,
                    today=today,
                    by=options["user"],
                    file_name=options["file_name"],
                    expected=options["expected"],
                )
            )
        except ImportRefused as refusal:
            return SheetResult(refusal.differences, refused=str(refusal))


class SheetImportAdmin(ImportMixin):  # type: ignore[misc]
    """Adds the page `Import` to a noun; `import_noun` says what a file holds."""

    import_noun: Noun
    import_formats = (CsvFile, XlsxFile)
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    import_template_name = "admin/estimator/import.html"
    tmp_storage_class = UploadedFile

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever may enter rows of this noun by hand."""
        codes = [get_permission_codename(action, self.opts) for action in ("add", "change")]
        return all(request.user.has_perm(f"{self.opts.app_label}.{code}") for code in codes)

    def get_resource_classes(self, request: HttpRequest) -> list[type[SheetResource]]:
        """One, of our noun."""
        return [type("Resource", (SheetResource,), {"noun": self.import_noun})]

    def get_import_context_data(self, **_: Any) -> dict[str, Any]:
        """What a file looks like."""
        noun = self.import_noun
        return {"heading": noun.heading, "note": noun.note, "limit_mib": LARGEST_FILE // MIB}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """The fingerprint of what was looked at."""
        form = kwargs.get("form")
        return {"expected": form.cleaned_data.get("fingerprint") if form else None}

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        """Our own sentences are better than the name of an exception."""
        if isinstance(e, SheetError):
            form.add_error("import_file", str(e))
        else:
            super().add_data_read_fail_error_to_form(form, e)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Upload and preview."""
        if not self.has_import_permission(request):
            raise PermissionDenied("Your role may not import; ask an administrator.")
        response: Any = super().import_action(request, **kwargs)
        context = response.context_data
        context["title"] = f"Import {self.opts.verbose_name_plural}"
        if "confirm_form" in context:
            context["confirm_form"].initial["fingerprint"] = context["result"].differences.fingerprint
        return response  # type: ignore[no-any-return]

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The confirmed import; a file that is gone is told."""
        try:
            response: HttpResponse = super().process_import(request, **kwargs)
        except SheetError as error:
            return self._back(request, str(error))
        return response

    def process_result(self, result: SheetResult, request: HttpRequest) -> HttpResponse:
        """To the list, or back to the upload with the reason."""
        if result.refused:
            return self._back(request, result.refused)
        response: HttpResponse = super().process_result(result, request)
        return response

    def _back(self, request: HttpRequest, reason: str) -> HttpResponse:
        self.message_user(request, reason, messages.ERROR)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def generate_log_entries(self, result: SheetResult, request: HttpRequest) -> None:
        """One entry an import; each row has its own history, which names the file."""
        LogEntry.objects.create(
            user=cast(User, request.user),
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=f"{self.opts.verbose_name_plural}: import of a file"[:200],
            action_flag=CHANGE,
            change_message=f"{request.POST.get('original_file_name', '')[:100]}: {result.differences}",
        )

    def add_success_message(self, result: SheetResult, request: HttpRequest) -> None:
        """What became of the rows."""
        self.message_user(request, f"Imported: {result.differences}.", messages.SUCCESS)
