"""What other pools' test suites require of a map, required of our engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance import cases_of_failures, cases_of_maps, cases_of_workers
from tests.conformance.adapter import Case, outcomes, same

CASES = [*cases_of_maps.CASES, *cases_of_failures.CASES, *cases_of_workers.CASES]


def _rows() -> list[Any]:
    return [
        pytest.param(case, method, id=f"{case.name}, {method}" if method else case.name)
        for case in CASES
        for method in case.methods
    ]


@pytest.mark.parametrize(("case", "method"), _rows())
def test_it_conforms(tmp_path: Path, case: Case, method: str) -> None:
    found = outcomes(case, method, tmp_path)
    assert same(found, case.expected), f"{case.origin}: {found} is not {case.expected}"


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)
