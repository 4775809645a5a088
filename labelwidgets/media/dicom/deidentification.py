"""Taking the patient out of DICOM headers: the basic profile of PS3.15, annex E.

Which element is removed, emptied, replaced or renumbered is the table E.1-1 as the package
dicom-anonymizer carries it, and so are the stand-ins. Here it is applied to every nested
sequence too, UIDs become the same new ones wherever they occur, and what no dictionary of DICOM
knows is removed with the private elements.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import SourceError
from labelwidgets.extras import library

if TYPE_CHECKING:
    import pydicom

Action: TypeAlias = Callable[["pydicom.Dataset", tuple[int, int]], None]

# The tables of dicom-anonymizer, the newest one first.
_TABLES = ("dicomfields_2026c", "dicomfields_2024b", "dicomfields_2023")
# UIDs that DICOM itself gives out, such as those of transfer syntaxes, name nobody.
_STANDARD = "1.2.840.10008."
# The option to retain patient characteristics: age, size, weight, sex, ethnic group, smoking,
# pregnancy, neutering (PS3.15, table E.1-1).
_CHARACTERISTICS = frozenset(
    (0x00100040, 0x00101010, 0x00101020, 0x00101030, 0x00102160, 0x001021A0, 0x001021C0, 0x00102203)
)
# For Python's sake the same in one session, so that what is made of a scan fits it.
_SESSION = secrets.token_bytes(32)


@dataclass(frozen=True)
class DeidentifyOptions:
    """What of a patient stays, and what stands in for the rest.

    Parameters
    ----------
    patient
        Name and id that are written; None makes a pseudonym of the patient's id and the secret.
    keep_characteristics
        Keep sex, age, size and weight.
    shift_days
        Move dates by so many days instead of replacing them, so that their distances stay; times
        of day stay as they are. The date of birth is removed all the same.
    keep_uids
        Keep UIDs. They lead back to the patient for whoever has the originals.
    secret
        UIDs and pseudonyms are made of it: the same secret gives the same ones in another
        session, and without it nobody can try names. None is one that is forgotten with the
        session.
    """

    patient: str | None = None
    keep_characteristics: bool = False
    shift_days: int | None = None
    keep_uids: bool = False
    secret: str | None = None

    def __post_init__(self) -> None:
        if self.patient is not None and (
            not isinstance(self.patient, str) or not 0 < len(self.patient) <= 64
        ):
            raise SourceError("must be 1 to 64 characters.", where="patient")
        if self.shift_days is not None and (
            not isinstance(self.shift_days, int) or abs(self.shift_days) > 36_525
        ):
            raise SourceError("must be whole days, at most a century.", where="shift_days")
        if self.secret is not None and (not isinstance(self.secret, str) or not self.secret):
            raise SourceError("must be a text.", where="secret")


class Deidentifier:
    """Takes patients out of headers, consistently.

    Parameters
    ----------
    options
        What stays; True is nothing.

    Raises
    ------
    MissingExtraError
        If dicom-anonymizer is not installed.
    """

    def __init__(self, options: DeidentifyOptions | bool = True) -> None:
        self.options = options if isinstance(options, DeidentifyOptions) else DeidentifyOptions()
        secret = self.options.secret
        self._secret = _SESSION if secret is None else secret.encode()
        self._exact, self._masked = _actions()

    def __call__(self, dataset: pydicom.Dataset) -> None:
        """Take the patient out of a header, in place."""
        from pydicom import Dataset

        patient = self.options.patient or self._pseudonym(str(dataset.get("PatientID") or ""))
        self._clean(dataset)
        dataset.PatientName = dataset.PatientID = patient
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = f"dicom-anonymizer {version('dicom-anonymizer')}"
        codes = [("113100", "Basic Application Confidentiality Profile")]
        if self.options.keep_characteristics:
            codes.append(("113108", "Retain Patient Characteristics Option"))
        if self.options.shift_days is not None:
            name = "Retain Longitudinal Temporal Information Modified Dates Option"
            codes.append(("113107", name))
        if self.options.keep_uids:
            codes.append(("113110", "Retain UIDs Option"))
        items = []
        for value, meaning in codes:
            item = Dataset()
            item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
            items.append(item)
        dataset.DeidentificationMethodCodeSequence = items
        modified = "REMOVED" if self.options.shift_days is None else "MODIFIED"
        dataset.LongitudinalTemporalInformationModified = modified

    def uid(self, uid: str) -> str:
        """Return the UID that stands in for one."""
        if not uid or self.options.keep_uids or uid.startswith(_STANDARD):
            return uid
        digest = bytearray(hmac.digest(self._secret, uid.encode(), "sha256")[:16])
        # A UUID of its own making (RFC 9562, version 8; PS3.5, B.2).
        digest[6] = (digest[6] & 0x0F) | 0x80
        digest[8] = (digest[8] & 0x3F) | 0x80
        return f"2.25.{int.from_bytes(digest, 'big')}"

    def _pseudonym(self, patient: str) -> str:
        if not patient:
            return "ANONYMOUS"
        return "P" + hmac.digest(self._secret, patient.encode(), "sha256").hex()[:12].upper()

    def _clean(self, dataset: pydicom.Dataset) -> None:
        from pydicom.datadict import dictionary_has_tag, repeater_has_tag

        for tag in list(dataset.keys()):
            known = dictionary_has_tag(tag) or repeater_has_tag(int(tag))
            if tag.is_private or tag.element == 0 or not known:
                del dataset[tag]
                continue
            action = self._action(tag.group, tag.element)
            if self.options.keep_characteristics and int(tag) in _CHARACTERISTICS:
                action = None
            try:
                self._apply(dataset, tag, action)
            except Exception:
                # Nothing of what cannot be understood may stay.
                del dataset[tag]

    def _action(self, group: int, element: int) -> Action | None:
        found = self._exact.get((group, element))
        if found is not None:
            return found
        for (own, under, own_mask, under_mask), action in self._masked.items():
            if group & own_mask == own & own_mask and element & under_mask == under & under_mask:
                return action
        return None

    def _apply(self, dataset: pydicom.Dataset, tag: Any, action: Action | None) -> None:
        element = dataset[tag]
        name = "" if action is None else getattr(action, "__name__", "")
        if element.VR == "UI":
            # Also of elements that the table lacks: a UID is one wherever it stands.
            if name == "delete":
                del dataset[tag]
            else:
                self._renumber(element)
        elif name == "delete":
            del dataset[tag]
        elif element.VR in ("DA", "DT") and action is not None and self._shifts(tag):
            element.value = self._shifted(element)
        elif element.VR == "TM" and action is not None and self._shifts(tag):
            pass
        elif element.VR == "SQ" and name in ("", "delete_or_empty_or_replace_UID", "replace_UID"):
            for item in element.value:
                self._clean(item)
        elif action is not None:
            action(dataset, (tag.group, tag.element))

    def _renumber(self, element: pydicom.DataElement) -> None:
        value = element.value
        if value is None:
            return
        several = not isinstance(value, str)
        element.value = [self.uid(str(one)) for one in value] if several else self.uid(str(value))

    def _shifts(self, tag: Any) -> bool:
        return self.options.shift_days is not None and tag.group != 0x0010

    def _shifted(self, element: pydicom.DataElement) -> Any:
        value = element.value
        if value is None or value == "":
            return value
        if isinstance(value, str):
            return self._later(value)
        return [self._later(str(one)) for one in value]

    def _later(self, text: str) -> str:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        moved = day + timedelta(days=self.options.shift_days or 0)
        return f"{moved:%Y%m%d}{text[8:]}"


def _actions() -> tuple[
    Mapping[tuple[int, int], Action], Mapping[tuple[int, int, int, int], Action]
]:
    """Return what is done with elements, by tag and by tag under a mask."""
    anonymizer = library("dicomanonymizer.simpledicomanonymizer", "dicom", "deidentify")
    for table in _TABLES:
        try:
            actions = anonymizer.initialize_actions(table)
            break
        except (ImportError, KeyError, ValueError):
            continue
    else:
        actions = anonymizer.initialize_actions()
    exact = {tag: action for tag, action in actions.items() if len(tag) == 2}
    return exact, {tag: action for tag, action in actions.items() if len(tag) == 4}


def has_identity(dataset: pydicom.Dataset) -> bool:
    """Say whether a header names a patient."""
    if str(dataset.get("PatientIdentityRemoved") or "") == "YES":
        return False
    return any(str(dataset.get(name) or "").strip() for name in ("PatientName", "PatientID"))
