"""Every mutated proof of tamper.json gets the reference verifier's verdict."""

from __future__ import annotations

import functools
import time
import zlib

import openswirl as sw
import pytest
import support

#: Entries per test; small enough to name what fails, few enough tests to stay quick.
GROUP = 100


@functools.cache
def verifying_key(case: str) -> sw.VerifyingKey:
    return sw.VerifyingKey.from_bytes(support.case_file(case, "vk.postcard"))


@functools.cache
def original(case: str) -> bytes:
    data = support.case_file(case, "proof.bin")
    described = support.tamper()["cases"][case]
    assert (len(data), zlib.crc32(data)) == (described["proof_len"], described["proof_crc32"])
    return data


def verdict(case: str, data: bytes) -> str:
    try:
        sw.verify(verifying_key(case), sw.Proof.from_bytes(data))
    except sw.FormatError as error:
        assert error.offset is None or 0 <= error.offset <= len(data)
        return "decode"
    except sw.VerificationError as error:
        return error.check
    return "accept"


@pytest.mark.parametrize("start", range(0, 2318, GROUP))
def test_verdicts(start):
    wrong = []
    for mutation in support.tamper()["mutations"][start : start + GROUP]:
        data = support.apply_splices(original(mutation["case"]), mutation["splices"])
        began = time.perf_counter()
        got = verdict(mutation["case"], data)
        elapsed = time.perf_counter() - began
        if mutation["label"].startswith("hazard"):
            matches = got != "accept" and elapsed < 2.0
        else:
            matches = got == mutation["verdict"]
        if not matches:
            wrong.append(f"{mutation['case']}: {mutation['label']}: {got}, expected {mutation['verdict']}")
    assert wrong == []
