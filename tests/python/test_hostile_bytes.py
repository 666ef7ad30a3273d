"""Bytes from strangers: every damage is answered with an error, quickly and in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import openswirl as sw
import pytest
import support

#: Between them every part of the encoding: bitmaps, cached parts, GKR, several WHIR rounds.
CASES = ("fib_optional_absent", "interactions11", "preprocessed_cached2", "one_whir_round")
P = 2013265921


def rejected_as(case: str, data: bytes) -> type[sw.Error] | None:
    try:
        sw.verify(support.load_case(case).vk, sw.Proof.from_bytes(data))
    except (sw.FormatError, sw.VerificationError) as error:
        return type(error)
    return None


@pytest.mark.parametrize("case_name", CASES)
class TestProof:
    def test_truncation(self, case_name):
        data = support.case_file(case_name, "proof.bin")
        for length in [*range(0, len(data), 64), len(data) - 1]:
            with pytest.raises(sw.FormatError) as caught:
                sw.Proof.from_bytes(data[:length])
            assert caught.value.offset is not None
            assert caught.value.offset <= length

    @pytest.mark.parametrize("suffix", [b"\0", b"\0" * 4, b"\xff" * 64, "itself"])
    def test_extension(self, case_name, suffix):
        data = support.case_file(case_name, "proof.bin")
        with pytest.raises(sw.FormatError) as caught:
            sw.Proof.from_bytes(data + (data if suffix == "itself" else suffix))
        assert caught.value.offset == len(data)

    def test_non_canonical_words(self, case_name):
        """Every word that is a field element has a second encoding, its value plus p; none of them is accepted."""
        data = support.case_file(case_name, "proof.bin")
        original = sw.Proof.from_bytes(data)
        fields = 0
        for offset in range(0, len(data) - 3, 4 * 7):
            # Items before the first list are aligned to the bitmap, so both alignments are tried.
            for start in (offset, offset + (len(original.log_heights) + 7) // 8):
                word = int.from_bytes(data[start : start + 4], "little")
                if word + P >= 2**32 or start + 4 > len(data):
                    continue
                changed = data[:start] + (word + P).to_bytes(4, "little") + data[start + 4 :]
                assert rejected_as(case_name, changed) is not None, start
                fields += 1
        assert fields > 50

    def test_first_digest_must_be_canonical(self, case_name):
        data = support.case_file(case_name, "proof.bin")
        for start in range(4, 36, 4):
            for word in (P, 2**32 - 1):
                changed = data[:start] + word.to_bytes(4, "little") + data[start + 4 :]
                with pytest.raises(sw.FormatError) as caught:
                    sw.Proof.from_bytes(changed)
                assert start <= caught.value.offset <= start + 4

    def test_presence_bits(self, case_name):
        data = support.case_file(case_name, "proof.bin")
        airs = len(sw.Proof.from_bytes(data).log_heights)
        start = 4 + 32 + 4
        for bit in range(8 * ((airs + 7) // 8)):
            byte = start + bit // 8
            changed = data[:byte] + bytes([data[byte] ^ (1 << bit % 8)]) + data[byte + 1 :]
            kind = rejected_as(case_name, changed)
            if bit >= airs:
                assert kind is sw.FormatError
            else:
                assert kind in (sw.FormatError, sw.VerificationError)

    def test_every_bit_of_the_version(self, case_name):
        data = support.case_file(case_name, "proof.bin")
        for bit in range(32):
            changed = (3 ^ (1 << bit)).to_bytes(4, "little") + data[4:]
            with pytest.raises(sw.FormatError):
                sw.Proof.from_bytes(changed)


@pytest.mark.parametrize("case_name", ["fib_h3", "preprocessed_cached2", "interactions11"])
class TestKeys:
    def test_truncation_and_extension(self, case_name):
        for name, kind in (("vk.postcard", sw.VerifyingKey), ("pk.postcard", sw.ProvingKey)):
            data = support.case_file(case_name, name)
            for length in [*range(0, len(data), 64), len(data) - 1]:
                with pytest.raises(sw.FormatError):
                    kind.from_bytes(data[:length])
            with pytest.raises(sw.FormatError):
                kind.from_bytes(data + b"\0")

    def test_every_byte_counts(self, case_name):
        """A changed byte is malformed or another key; it never decodes to a key with the old pre-hash."""
        data = support.case_file(case_name, "vk.postcard")
        original = sw.VerifyingKey.from_bytes(data)
        for index in range(len(data)):
            changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
            with pytest.raises(sw.FormatError):
                key = sw.VerifyingKey.from_bytes(changed)
                assert key.pre_hash != original.pre_hash

    def test_wrong_pre_hash(self, case_name):
        data = support.case_file(case_name, "vk.postcard")
        with pytest.raises(sw.FormatError, match="pre-hash|pre_hash"):
            sw.VerifyingKey.from_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])


@pytest.mark.parametrize("kind", [sw.Proof, sw.VerifyingKey, sw.ProvingKey])
def test_garbage(kind):
    for data in (b"", b"\0", b"\xff" * 1000, b"\0" * 1000, b"\x80" * 1000, bytes(range(256)) * 8):
        with pytest.raises(sw.FormatError):
            kind.from_bytes(data)
    for data in (None, "text", 5, [1, 2]):
        with pytest.raises(sw.InputError):
            kind.from_bytes(data)


#: Runs in a process of its own, where the peak of resident memory belongs to the bytes under test alone.
MEMORY_PROBE = textwrap.dedent(
    """
    import json, resource, sys
    import openswirl as sw
    scale = 1 if sys.platform == "darwin" else 1024
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    folder, cases = sys.argv[1], sys.argv[2].split(",")
    warm = {}
    for case in cases:
        vk = sw.VerifyingKey.load(f"{folder}/{case}/vk.postcard")
        data = open(f"{folder}/{case}/proof.bin", "rb").read()
        sw.verify(vk, data)
        warm[case] = vk, data
    if sys.platform == "linux":
        # Also memory that is asked for but not touched counts: beyond this, allocations fail and OutOfMemory ends us.
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize() + 4 * max(len(data) for _, data in warm.values()) + (1 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    worst, tried = 0, 0
    for case, (vk, data) in warm.items():
        for start in range(0, len(data) - 3, 36):
            for count in (0x7fffffff, 0xffffffff, 0x00ffffff):
                changed = data[:start] + count.to_bytes(4, "little") + data[start + 4:]
                before = peak()
                try:
                    sw.verify(vk, changed)
                    outcome = "accepted"
                except (sw.FormatError, sw.VerificationError):
                    outcome = "rejected"
                if outcome == "accepted":
                    print(json.dumps({"accepted": [case, start, count]}))
                    sys.exit(1)
                tried += 1
                worst = max(worst, peak() - before - 4 * len(changed))
    print(json.dumps({"tried": tried, "worst": worst}))
    """
)


def test_huge_counts_take_no_memory():
    """Memory grows by at most 4 times the input and 1 MiB, whatever word is made huge."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY_PROBE, str(support.vectors_folder()), ",".join(CASES)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["tried"] > 1000
    assert result["worst"] <= 1 << 20


def test_hazards_take_no_memory():
    """The encodings on which the reference takes memory without bound."""
    probe = textwrap.dedent(
        """
        import json, resource, sys, time
        sys.path.insert(0, sys.argv[2])
        import support
        support.vectors_folder = lambda: __import__("pathlib").Path(sys.argv[1])
        import openswirl as sw
        scale = 1 if sys.platform == "darwin" else 1024
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
        hazards = [m for m in support.tamper()["mutations"] if m["label"].startswith("hazard")]
        keys = {m["case"]: sw.VerifyingKey.from_bytes(support.case_file(m["case"], "vk.postcard")) for m in hazards}
        originals = {case: support.case_file(case, "proof.bin") for case in keys}
        for case, vk in keys.items():
            sw.verify(vk, originals[case])
        worst = slowest = 0
        for m in hazards:
            data = support.apply_splices(originals[m["case"]], m["splices"])
            before, began = peak(), time.perf_counter()
            try:
                sw.verify(keys[m["case"]], data)
                sys.exit(m["label"])
            except (sw.FormatError, sw.VerificationError):
                pass
            slowest = max(slowest, time.perf_counter() - began)
            worst = max(worst, peak() - before - 4 * len(data))
        print(json.dumps({"tried": len(hazards), "worst": worst, "slowest": slowest}))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, str(support.vectors_folder()), str(support.TESTS)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["tried"] == 108
    assert result["worst"] <= 1 << 20
    assert result["slowest"] < 1.0
