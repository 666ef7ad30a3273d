"""Options and fixtures of every Python suite."""

from __future__ import annotations

from pathlib import Path

import pytest
import support


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        action="append",
        help="a device to test; may be given several times (default: reference and cpu, where present)",
    )
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def tested_devices(config: pytest.Config) -> list[str]:
    asked = config.getoption("--device")
    return list(asked) if asked else ["reference", "cpu"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        metafunc.parametrize("device", tested_devices(metafunc.config))
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", support.case_names())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="needs --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


def pytest_unconfigure() -> None:
    support.remove_vectors()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the extracted test vectors."""
    return support.vectors_folder()
