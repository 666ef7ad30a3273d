"""Keys, proofs and parameters as Python objects: equality, hashing, pickling, files, printing."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import stat

import openswirl as sw
import pytest
import support


def objects() -> list[tuple[object, object]]:
    """Each kind: one object, and another one of the kind that differs."""
    first, second = support.load_case("fib_h3"), support.load_case("interactions11")
    return [
        (first.vk, second.vk),
        (first.pk, second.pk),
        (sw.Proof.from_bytes(first.proof_bytes), sw.Proof.from_bytes(second.proof_bytes)),
        (first.vk.params, dataclasses.replace(first.vk.params, w_stack=7)),
    ]


KINDS = ("vk", "pk", "proof", "params")


@pytest.mark.parametrize("index", range(4), ids=KINDS)
def test_equality_hash_and_pickle(index):
    one, other = objects()[index]
    for clone in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert clone == one
        assert hash(clone) == hash(one)
        assert type(clone) is type(one)
    assert one != other
    assert one != "text"
    assert len({one, other, pickle.loads(pickle.dumps(one))}) == 2
    assert repr(one)


@pytest.mark.parametrize("index", range(3), ids=KINDS[:3])
def test_files(index, tmp_path):
    one, other = objects()[index]
    path = tmp_path / "object.bin"
    one.save(path)
    assert type(one).load(path) == one
    assert path.read_bytes() == one.to_bytes()
    other.save(str(path))
    assert type(one).load(str(path)) == other
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_file_keeps_its_mode(tmp_path):
    one, other = objects()[0]
    path = tmp_path / ("k" * 250)
    one.save(path)
    path.chmod(0o640)
    other.save(path)
    assert type(one).load(path) == other
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_may_not_be_written_stays(tmp_path, monkeypatch):
    one, other = objects()[0]
    path = tmp_path / "key"
    one.save(path)
    # Modes alone would not stop an administrator.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="key"):
        other.save(path)
    assert path.read_bytes() == one.to_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_save_is_all_or_nothing(tmp_path, monkeypatch):
    one, other = objects()[0]
    path = tmp_path / "key"
    one.save(path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        other.save(path)
    assert path.read_bytes() == one.to_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("exists", [True, False])
def test_save_to_a_link_writes_its_target(tmp_path, exists):
    one, _ = objects()[0]
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if exists:
        (folder / "key").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("elsewhere/key")
    one.save(link)
    assert link.is_symlink()
    assert (folder / "key").read_bytes() == one.to_bytes()
    assert sorted(tmp_path.rglob("*")) == [folder, folder / "key", link]


def test_save_never_touches_the_umask(tmp_path, monkeypatch):
    def fail(_):
        raise AssertionError("the mask belongs to the whole process")

    monkeypatch.setattr(os, "umask", fail)
    objects()[0][0].save(tmp_path / "key")


def test_load_of_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        sw.Proof.load(tmp_path / "nothing")


def test_from_bytes_takes_buffers():
    data = support.load_case("fib_h3").proof_bytes
    assert sw.Proof.from_bytes(bytearray(data)) == sw.Proof.from_bytes(memoryview(data))


def test_a_fresh_proof_equals_its_bytes(device):
    loaded = support.load_case("fib_h3")
    proof = sw.prove(loaded.pk, loaded.traces, device=device)
    again = sw.Proof.from_bytes(proof.to_bytes())
    assert again == proof
    assert again.report is None
    assert proof.report is not None


def test_key_summary():
    vk = support.load_case("mixture_h3").vk
    assert len(vk.airs) == 12
    assert vk.airs[0].common_width == 2
    assert [air.preprocessed_log_height for air in vk.airs if air.preprocessed_width] == [3]
    assert sum(vk.section_sizes().values()) == len(vk.to_bytes())
    assert [air.buses for air in vk.airs] == [(), *[(0,)] * 4, (), *[(5,)] * 6]


def test_proof_properties_are_immutable():
    proof = sw.Proof.from_bytes(support.load_case("fib_h3").proof_bytes)
    assert proof.heights == (8,)
    assert proof.public_values == ((0, 1, 21),)
    assert isinstance(proof.commitments.common, tuple)
    with pytest.raises(TypeError):
        proof.public_values[0][0] = 1


def test_heights_of_a_hostile_proof():
    data = bytearray(support.load_case("fib_h3").proof_bytes)
    data[41:45] = (2**32 - 1).to_bytes(4, "little")
    proof = sw.Proof.from_bytes(bytes(data))
    assert proof.log_heights == (2**32 - 1,)
    with pytest.raises(sw.FormatError, match="height"):
        _ = proof.heights
    assert "2^4294967295" in repr(proof)


@pytest.mark.parametrize(
    "error",
    [
        sw.FormatError("m", 5),
        sw.VerificationError("A.B", "d"),
        sw.UnbalancedBusError("m", 3),
        sw.OutOfMemory("m", 1, 2, "whir"),
        sw.InputError("m"),
        sw.KeygenError("m"),
        sw.ExpressionError("m"),
        sw.ColumnError("m"),
        sw.DeviceError("m"),
        sw.Cancelled("m"),
        sw.Timeout("m"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_pickle_with_their_fields(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert isinstance(error, sw.Error)


def test_errors_are_the_standard_kinds_too():
    assert issubclass(sw.FormatError, ValueError)
    assert issubclass(sw.InputError, ValueError)
    assert issubclass(sw.OutOfMemory, MemoryError)
    assert issubclass(sw.Timeout, TimeoutError)
    assert issubclass(sw.ExpressionError, TypeError)
    assert issubclass(sw.ColumnError, IndexError)


def test_cases_that_are_none(tmp_path):
    with pytest.raises(sw.InputError, match=r"no case\.json"):
        sw.cases.load(tmp_path)
    (tmp_path / "case.json").write_text("{")
    with pytest.raises(sw.FormatError):
        (tmp_path / "vk.postcard").write_bytes(support.case_file("fib_h3", "vk.postcard"))
        sw.cases.load(tmp_path)
    (tmp_path / "case.json").write_text('{"traces": []}')
    with pytest.raises(sw.FormatError):
        sw.cases.load(tmp_path)
    (tmp_path / "case.json").write_bytes(support.case_file("fib_h3", "case.json"))
    with pytest.raises(sw.InputError, match="air0_common"):
        sw.cases.load(tmp_path)
