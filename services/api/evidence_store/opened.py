"""Which store this installation has."""

import contextlib

from services.api.evidence_store.folder import FolderStore
from services.api.evidence_store.s3 import S3Store
from services.api.evidence_store.store import EvidenceStore
from services.api.settings import ApiSettings


def open_store(settings: ApiSettings) -> EvidenceStore:
    """S3 where its URL is given, else the folder. Within a running loop; asks nobody, so nobody has to be there."""
    if settings.evidence_s3_url is not None:
        assert settings.evidence_s3_secret_key is not None  # the settings refuse it otherwise
        return S3Store(
            settings.evidence_s3_url,
            settings.evidence_s3_bucket,
            region=settings.evidence_s3_region,
            access_key=settings.evidence_s3_access_key,
            secret_key=settings.evidence_s3_secret_key.get_secret_value(),
        )
    if settings.env != "production":
        with contextlib.suppress(OSError):  # readiness tells
            settings.evidence_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FolderStore(settings.evidence_folder, reserve=settings.evidence_reserve_bytes)
