"""Bytes from strangers: every damage is answered with an error, quickly and in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import openswirl as sw
import pytest
import support
from openswirl.air import Air

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
        """A changed byte never decodes: what it says is malformed, or the pre-hash is not that of the new content."""
        data = support.case_file(case_name, "vk.postcard")
        for index in range(len(data)):
            changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
            with pytest.raises(sw.FormatError):
                sw.VerifyingKey.from_bytes(changed)

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
    from support import peak_memory as peak
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
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(support.TESTS), *sys.path])},
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
        from support import peak_memory as peak
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


def u32(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


def varint(value: int) -> bytes:
    encoded = b""
    while value >= 0x80:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


#: Version and common main commitment of a proof.
PROOF_START = u32(3) + bytes(32)
#: No AIRs and no public values.
NO_STATEMENT = u32(0, 0)
#: No GKR layers, no constraint terms, rounds and openings.
NO_SUMCHECKS = bytes(4 + 16 + 4) + u32(0, 0, 0)
MIB = 1 << 20


def stacking(commitments: bytes) -> bytes:
    return u32(0, 0) + commitments


def whir(commitments: int, openings: bytes) -> bytes:
    return bytes(4) + u32(0, 0) + bytes(4) + u32(commitments) + openings + u32(0, 0)


def proof_of(count: int, per_commitment: bytes, openings: bytes) -> bytes:
    lists = u32(count) + per_commitment * count
    return PROOF_START + NO_STATEMENT + NO_SUMCHECKS + stacking(lists) + whir(count, openings)


def proof_with_statement(statement: bytes, commitments: int = 1) -> bytes:
    tail = stacking(u32(commitments) + u32(0) * commitments) + whir(commitments, u32(0))
    return PROOF_START + statement + NO_SUMCHECKS + tail


def hostile_proofs() -> dict[str, bytes]:
    """Well-formed proofs of at least 2 MiB that name as many things in as few bytes as they can."""
    n = 1 << 19
    one_air = u32(0, 0)  # log height and no cached commitments
    terms = bytes(32)
    no_layers = bytes(4 + 16 + 4)
    return {
        "empty commitments": proof_of(2 * n, u32(0), u32(0)),
        "commitments of one column": proof_of(n // 4, u32(1) + bytes(16), u32(0)),
        "commitments of width 0 but one": proof_of(
            n, u32(0), u32(1, 0) + u32(0) * (n - 1) + u32(1) + bytes(4)
        ),
        "commitments of width 1": proof_of(n, u32(0), u32(1, 0) + u32(1) * n + bytes(4 * n)),
        "absent AIRs": proof_with_statement(u32(n) + bytes(n // 8) + u32(n) + u32(0) * n),
        "absent AIRs and empty commitments": proof_with_statement(u32(n) + bytes(n // 8) + u32(0), n),
        "present AIRs": proof_with_statement(u32(n) + b"\xff" * (n // 8) + one_air * n + u32(n) + u32(0) * n),
        "present AIRs with a cached commitment": proof_with_statement(
            u32(n // 8) + b"\xff" * (n // 64) + (u32(0, 1) + bytes(32)) * (n // 8) + u32(0)
        ),
        "lists of one public value": proof_with_statement(u32(0, n) + u32(1, 7) * n),
        "lists of two public values": proof_with_statement(u32(0, n) + u32(2, 7, 7) * n),
        "AIRs without parts": PROOF_START
        + NO_STATEMENT
        + no_layers
        + u32(n // 8)
        + terms * (n // 8)
        + u32(0, 0)
        + u32(0) * (n // 8)
        + stacking(u32(1, 0))
        + whir(1, u32(0)),
        "empty parts": PROOF_START
        + NO_STATEMENT
        + no_layers
        + u32(1)
        + terms
        + u32(0, 0)
        + u32(n)
        + u32(0) * n
        + stacking(u32(1, 0))
        + whir(1, u32(0)),
        "parts of one opening": PROOF_START
        + NO_STATEMENT
        + no_layers
        + u32(1)
        + terms
        + u32(0, 0)
        + u32(n // 4)
        + (u32(1) + bytes(16)) * (n // 4)
        + stacking(u32(1, 0))
        + whir(1, u32(0)),
        "round polynomials of one value": PROOF_START
        + NO_STATEMENT
        + no_layers
        + u32(0, 0)
        + u32(n // 4, 1)
        + bytes(16) * (n // 4)
        + stacking(u32(1, 0))
        + whir(1, u32(0)),
    }


#: Widths 0, 1, no public values and no rotation; a DAG; degree, flag and no unused variables.
def air_of(
    nodes: bytes, count: int, rest: bytes = b"\0\0", unused: bytes = b"\0", cached: bytes = b"\0"
) -> bytes:
    return b"\0\0" + cached + b"\1\0\0" + varint(count) + nodes + rest + b"\0\0" + unused


def hostile_keys() -> dict[str, tuple[str, bytes]]:
    """(kind, bytes): keys of at least 2 MiB, well-formed as far as a list of very many things."""
    n = 1 << 20
    small = varint(4) + varint(2) + varint(16) + varint(1) + varint(2) + b"\1\5" + b"\0\0\0" + b"\0"
    params = small + varint(1 << 20) + b"\7\0\3"
    names = {"VerifyingKey": b"", "ProvingKey": b"\0"}
    ends = {"VerifyingKey": b"", "ProvingKey": b"\0"}
    one_node = air_of(b"\1", 1, b"\1\0\0")
    interactions = varint(n // 2) + b"\1\0\0\0\0" * (n // 2)
    keys = {}
    for kind in names:
        head = params if kind == "VerifyingKey" else b""

        def key(
            air: bytes, count: int = 1, tail: bytes = b"\1", kind: str = kind, head: bytes = head
        ) -> bytes:
            return head + varint(count) + (names[kind] + air + ends[kind]) * count + tail

        for label, data in {
            "selectors": key(air_of(b"\1" * 2 * n, 2 * n)),
            "repeated constants": key(air_of(b"\4\5" * n, n)),
            "constants": key(air_of(b"\4\x80\1" * n, n)),
            "negations": key(air_of(b"\1" + b"\7\0\1" * (n - 1), n)),
            "variables": key(air_of(b"\0\1\0\0\0" * (n // 2), n // 2)),
            "public values": key(air_of(b"\0\2\0" * n, n)),
            "constraints": key(air_of(b"\1", 1, varint(2 * n) + b"\0" * 2 * n + b"\0")),
            "interactions": key(air_of(b"\1", 1, b"\0" + interactions)),
            "AIRs": key(air_of(b"", 0), n // 6),
            "AIRs of one node": key(one_node, n // 6),
            "unused variables": key(air_of(b"\1", 1, b"\1\0\0", varint(n) + b"\0\0\0" * n)),
            "cached widths": key(air_of(b"\1", 1, b"\1\0\0", b"\0", varint(2 * n) + b"\1" * 2 * n)),
            "height constraints": key(one_node, 1, varint(n) + b"\1\0\0" * n),
            "height constraints of buses": key(
                air_of(b"\1", 1, b"\0" + interactions), 1, varint(n) + b"\1\0\0" * n
            ),
        }.items():
            keys[f"{kind}: {label}"] = (kind, data)
    rounds = varint(4) + varint(2) + varint(16) + varint(1) + varint(2) + varint(2 * n) + b"\1" * 2 * n
    keys["VerifyingKey: WHIR rounds"] = ("VerifyingKey", rounds)
    before = b"\1\0" + one_node + b"\1" + b"\1\1\1"  # an AIR with preprocessed data: l_skip, height, width
    matrix = b"\1\0\1\1"
    for label, data in {
        "layout columns": varint(n) + b"\0" * 5 * n,
        "matrix starts": b"\0" + varint(2 * n) + b"\0" * 2 * n,
        "stacked values": b"\0\0" + varint(2 * n) + b"\0" * 2 * n,
        "digest layers": b"\0\0" + matrix * 2 + varint(2 * n) + b"\0" * 2 * n,
        "digests": b"\0\0" + matrix * 2 + b"\1" + varint(n // 4) + b"\0" * 2 * n,
    }.items():
        keys[f"ProvingKey: {label}"] = ("ProvingKey", before + data)
    return {label: (kind, data + b"\0" * 64) for label, (kind, data) in keys.items()}


#: How much memory decoding may take for each byte of input, beside 1 MiB.
FACTOR = 4

GROWTH_PROBE = textwrap.dedent(
    """
    import json, resource, sys
    import openswirl as sw
    kind, path, warm = getattr(sw, sys.argv[1]), sys.argv[2], sys.argv[3]
    from support import peak_memory as peak
    kind.from_bytes(open(warm, "rb").read())
    data = open(path, "rb").read()
    before = peak()
    try:
        kind.from_bytes(data)
        outcome = "decoded"
    except sw.FormatError as error:
        outcome = str(error)
    print(json.dumps({"growth": peak() - before, "outcome": outcome}))
    """
)


def growth_of(kind: str, data: bytes, folder) -> dict:
    (folder / "data").write_bytes(data)
    warm = {"Proof": "proof.bin", "VerifyingKey": "vk.postcard", "ProvingKey": "pk.postcard"}[kind]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            GROWTH_PROBE,
            kind,
            str(folder / "data"),
            str(support.vectors_folder() / "fib_h3" / warm),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(support.TESTS), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.thorough
@pytest.mark.parametrize("label", hostile_proofs())
def test_large_hostile_proofs(label, tmp_path):
    """They decode, since nothing in them is malformed, in memory proportional to their length."""
    data = hostile_proofs()[label]
    assert len(data) >= 2 * MIB
    result = growth_of("Proof", data, tmp_path)
    assert result["outcome"] == "decoded"
    assert result["growth"] <= FACTOR * len(data) + MIB


@pytest.mark.thorough
@pytest.mark.parametrize("label", hostile_keys())
def test_large_hostile_keys(label, tmp_path):
    kind, data = hostile_keys()[label]
    assert len(data) >= 2 * MIB
    result = growth_of(kind, data, tmp_path)
    assert result["outcome"] != "decoded"
    assert result["growth"] <= FACTOR * len(data) + MIB


class Listed(Air):
    """An AIR of many of one thing, each with one of the shortest encodings that key generation writes."""

    def __init__(self, what: str, count: int) -> None:
        self.name = what
        self.width = count if what == "unused variables" else 128
        self.num_public_values = count if what == "public values" else 0
        self.what, self.count = what, count

    def eval(self, builder) -> None:
        local, following = builder.common()
        if self.what == "interactions":
            for i in range(self.count):
                builder.push_interaction(i % 128, [local[i % 128]], local[0], i % 2)
        elif self.what == "negations":
            for i in range(self.count):
                builder.assert_zero(-(local[i % 128] + i))
        elif self.what == "public values":
            for value in builder.public_values:
                builder.assert_zero(value)
        builder.assert_zero(following[0])


def legitimate_airs(label: str) -> list[Air]:
    if label == "AIRs":
        return [Listed("unused variables", 1) for _ in range(2048)]
    if label == "small AIRs":
        return [Listed("interactions", 1) for _ in range(2048)]
    return [Listed(label, {"unused variables": 1 << 18, "interactions": 1 << 18}.get(label, 1 << 16))]


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["VerifyingKey", "ProvingKey"])
@pytest.mark.parametrize(
    "label", ["unused variables", "interactions", "negations", "public values", "AIRs", "small AIRs"]
)
def test_large_legitimate_keys(kind, label, tmp_path):
    """Also keys that are accepted, or fail with their last byte, stay within the bound."""
    pk = sw.keygen(sw.SystemParams.test_small(2, 8, 3), legitimate_airs(label), device="reference")
    data = pk.to_bytes() if kind == "ProvingKey" else pk.vk.to_bytes()
    whole = growth_of(kind, data, tmp_path)
    assert whole["outcome"] == "decoded"
    assert whole["growth"] <= FACTOR * len(data) + MIB
    cut = growth_of(kind, data[:-1], tmp_path)
    assert "unexpected end" in cut["outcome"]
    assert cut["growth"] <= FACTOR * len(data) + MIB


def test_limits_of_a_key_are_named():
    params = varint(4) + varint(2) + varint(16) + varint(1) + varint(2) + b"\1\5" + b"\0\0\0" + b"\0"
    params += varint(1 << 20) + b"\7\0\3"
    with pytest.raises(sw.FormatError, match="there are 2049 AIRs, at most 2048 are possible"):
        sw.VerifyingKey.from_bytes(params + varint(2049) + air_of(b"\1", 1) * 2049)
    repeated = params + b"\1" + air_of(b"\1" * MIB, MIB)
    with pytest.raises(sw.FormatError, match="nodes it would take more than .* no key from key generation"):
        sw.VerifyingKey.from_bytes(repeated)
    with pytest.raises(sw.FormatError, match="the degree 65536 of a node is out of range"):
        sw.VerifyingKey.from_bytes(params + b"\1" + air_of(b"\1\7\0" + varint(65536), 2) + bytes(20))


def test_damaged_digest_below_the_root():
    """The layers between the query digests and the root are hashed again."""
    data = support.case_file("preprocessed_fib_h4", "pk.postcard")
    sw.ProvingKey.from_bytes(data)
    # The commitment in the AIR's verifying key: after one AIR, its name and the flag of preprocessed data.
    start = end = 1 + 1 + data[1] + 1
    for _ in range(8):
        while data[end] & 0x80:
            end += 1
        end += 1
    root = data.index(b"\1" + data[start:end], end)
    # The last word of the layer of two digests before it.
    word = root - 1
    while data[word - 1] & 0x80:
        word -= 1
    with pytest.raises(sw.FormatError, match="a digest is not the compression of the two below it"):
        sw.ProvingKey.from_bytes(data[:word] + bytes([data[word] ^ 1]) + data[word + 1 :])
