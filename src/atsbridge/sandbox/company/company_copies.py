"""Companies that are copied: the past of one takes twenty times as long as its copy."""

from __future__ import annotations

import io
import pickle
from functools import lru_cache
from typing import Any

from atsbridge.sandbox.company.fake_company import START, Company, CompanyProfile

_LARGE = 1_000  # applications from which on nothing is kept in memory


def build_company(
    seed: int, *, applications: int, profile: CompanyProfile | None = None, **options: Any
) -> Company:
    """The `Company` of these arguments. The past of a small one is played once per process."""
    profile = profile or CompanyProfile()
    options = {"start": START, **options}
    if applications >= _LARGE:
        return Company(seed, applications=applications, profile=profile, **options)
    saved = _save(seed, applications, profile, tuple(sorted(options.items())))
    company: Company = _Loader(io.BytesIO(saved), profile).load()
    return company


@lru_cache(maxsize=64)
def _save(
    seed: int, applications: int, profile: CompanyProfile, options: tuple[tuple[str, Any], ...]
) -> bytes:
    company = Company(seed, applications=applications, profile=profile, **dict(options))
    file = io.BytesIO()
    _Saver(file, profile).dump(company)
    return file.getvalue()


class _Saver(pickle.Pickler):
    """Leaves out the function of a vendor's ids, which may be of any kind."""

    def __init__(self, file: io.BytesIO, profile: CompanyProfile) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._profile = profile

    def persistent_id(self, obj: object) -> str | None:
        return "new_id" if obj is self._profile.new_id else None


class _Loader(pickle.Unpickler):
    """Puts it back."""

    def __init__(self, file: io.BytesIO, profile: CompanyProfile) -> None:
        super().__init__(file)
        self._profile = profile

    def persistent_load(self, pid: object) -> object:
        assert pid == "new_id"
        return self._profile.new_id
