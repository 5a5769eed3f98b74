"""Uploads stay in memory, up to a limit; what is larger is counted but not kept, so that its form can say so."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _


class CappedUploadHandler(FileUploadHandler):
    """Keeps the first bytes of a file and its true size; nothing ever reaches the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk while there is room."""
        if self.kept.tell() < settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return what was kept, with the size of what was sent."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name, self.content_type, file_size, self.charset,
            self.content_type_extra,
        )  # fmt: skip


@deconstructible
class AtMost:
    """Validator: refuses a file of more than so many bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, file: UploadedFile) -> None:
        """Refuse what is larger, naming the limit in megabytes."""
        if (file.size or 0) > self.limit:
            raise ValidationError(
                _("The file is larger than %(megabytes)s MB.") % {"megabytes": self.limit // (1024 * 1024)}
            )
