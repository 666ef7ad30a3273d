"""Arguments of the wrong type or of absurd size: an error of the package at once, with what and the remedy."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import re
import resource
from pathlib import Path

import numpy as np
import openswirl as sw
import pytest
from openswirl.air import Air, ExpressionError, LookupBus, bits_to_number, dot, powers, product
from openswirl.air import sum as sum_of
from openswirl.airs import Fibonacci, FibonacciSelector, KeccakF
from openswirl.security import assumptions, soundness

SMALL = sw.SystemParams.test_small(2, 8, 3)
DIGITS = 10**5000  # too many digits for Python to write


STATISTICS = Path("/proc/self/statm")  # sizes of this process in pages


@pytest.fixture(autouse=True)
def no_large_allocation():
    """Refusing what these tests ask for takes less than a gigabyte, and fails here if it does not."""
    if not STATISTICS.exists():
        yield
        return
    size = int(STATISTICS.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture(scope="module")
def pk():
    return sw.keygen(SMALL, [Fibonacci()], device="reference")


@pytest.fixture(scope="module")
def proof(pk):
    return sw.prove(pk, {0: Fibonacci.trace(0, 1, 8)}, device="reference")


def with_params(**changes):
    return dataclasses.replace(SMALL, **changes)


def without(field):
    data = SMALL.to_dict()
    del data[field]
    return data


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sw.SystemParams.test_small(2, 2**63, 3), "n_stack"),
        (lambda: sw.SystemParams.test_small(2, 25, 3), "l_skip + n_stack + log_blowup is 28, at most 27"),
        (lambda: sw.SystemParams.test_small(-1, 8, 3), "l_skip is -1, must be an integer from 0 to 27"),
        (lambda: sw.SystemParams.test_small(2, 8, 0), "k is 0, must be an integer from 1 to 27"),
        (lambda: sw.SystemParams.test_small("2", 8, 3), "l_skip is '2'"),
        (lambda: with_params(num_queries=(2**40, 4, 2)), "WHIR round 0 is 1099511627776, at most 65536"),
        (lambda: with_params(num_queries=(10, 4, 65537)), "WHIR round 2 is 65537, at most 65536"),
        (lambda: with_params(num_queries=(2**63,) * 3), "at most 65536"),
        (lambda: with_params(num_queries=(DIGITS,)), "num_queries is outside the range 0 to 2^64 - 1"),
        (lambda: with_params(num_queries=itertools.repeat(1)), "more than 27 entries"),
        (lambda: with_params(num_queries=range(10**12)), "more than 27 entries"),
        (lambda: with_params(num_queries=None), "num_queries must be a list"),
        (lambda: with_params(num_queries=5), "num_queries must be a list"),
        (lambda: with_params(num_queries=("10",)), "num_queries = '10' is not an integer"),
        (lambda: with_params(l_skip=2**63, n_stack=2**63), "l_skip is 9223372036854775808, at most 27"),
        (lambda: with_params(k=DIGITS), "k is outside the range"),
        (lambda: with_params(proximity="x"), "proximity must be a Proximity"),
        (lambda: with_params(proximity=None), "proximity must be a Proximity"),
        (lambda: sw.Proximity("ListDecoding", -1), "proximity.m is outside the range"),
        (lambda: sw.Proximity("ListDecoding", None), "proximity.m = None is not an integer"),
        (lambda: sw.Proximity([]), "is none of UniqueDecoding"),
        (lambda: sw.SystemParams.app("17"), "is '17', must be an integer from 11 to 24"),
        (lambda: sw.SystemParams.app(17.0), "is 17.0, must be an integer from 11 to 24"),
        (lambda: sw.SystemParams.app(True), "is True, must be an integer from 11 to 24"),
        (lambda: sw.SystemParams.app(25), "is 25, must be an integer from 11 to 24"),
        (lambda: sw.SystemParams.app(DIGITS), "is far outside, must be an integer from 11 to 24"),
        (lambda: sw.SystemParams.parse(None), "named by a text such as 'app:21', not by NoneType"),
        (lambda: sw.SystemParams.parse("app:" + "9" * 5000), "are none of app:11 to app:24"),
        (lambda: sw.SystemParams.parse("app:\u0661\u0667"), "are none of app:11 to app:24"),
        (lambda: sw.SystemParams.from_dict(None), "must be a dict as to_dict returns, not NoneType"),
        (lambda: sw.SystemParams.from_dict([]), "must be a dict as to_dict returns, not list"),
        (lambda: sw.SystemParams.from_dict({}), "lack the field 'whir'"),
        (lambda: sw.SystemParams.from_dict(without("w_stack")), "lack the field 'w_stack'"),
        (lambda: sw.SystemParams.from_dict({"whir": 1, "logup": 2}), "not in the form that to_dict returns"),
        (lambda: soundness(5), "takes a VerifyingKey or SystemParams, not int"),
        (lambda: assumptions("app:7"), "app"),
        (lambda: assumptions("nothing"), "none of app:11"),
        (lambda: Fibonacci.generate_trace(0, 1, 0), "rows is 0, must be an integer from 1"),
        (lambda: Fibonacci.generate_trace(0, 1, 10**12), "rows is 1000000000000, must be an integer from 1"),
        (lambda: Fibonacci.generate_trace(-1, 1, 8), "a is -1, must be an integer from 0"),
        (lambda: Fibonacci.generate_trace(0, None, 8), "b is None, must be an integer from 0"),
        (lambda: FibonacciSelector([]).generate_trace(0, 1), "no selectors"),
        (lambda: KeccakF.generate_trace([[0] * 25]), "shape [permutations, 25], not list"),
        (
            lambda: KeccakF.generate_trace(np.zeros((1, 24), np.uint64)),
            "[permutations, 25], not uint64 [1, 24]",
        ),
        (
            lambda: KeccakF.generate_trace(np.zeros((1, 25), np.int64)),
            "[permutations, 25], not int64 [1, 25]",
        ),
    ],
)
def test_values(make, text):
    with pytest.raises(sw.InputError, match=re.escape(text)):
        make()


def test_the_most_queries_are_possible():
    assert with_params(num_queries=(2**16, 2**16, 2**16)).num_queries == (65536,) * 3


def test_check_takes_a_proving_key(pk):
    trace = {0: Fibonacci.trace(0, 1, 8)}
    with pytest.raises(sw.InputError, match="pk must be a ProvingKey, not NoneType"):
        sw.check(None, trace)
    with pytest.raises(sw.InputError, match="pk must be a ProvingKey, not VerifyingKey; "):
        sw.check(pk.vk, trace)


def test_verify_takes_a_verifying_key_and_parameters(pk, proof):
    with pytest.raises(sw.InputError, match="vk must be a VerifyingKey, not ProvingKey; give its .vk"):
        sw.verify(pk, proof)
    with pytest.raises(sw.InputError, match="params must be SystemParams or None, not int"):
        sw.verify(pk.vk, proof, params=5)
    with pytest.raises(sw.InputError, match=r"not VerifyingKey; give its \.params"):
        sw.verify(pk.vk, proof, params=pk.vk)
    with pytest.raises(sw.InputError, match=r"not ProvingKey; give its \.vk"):
        soundness(pk)
    sw.verify(pk.vk, proof, params=pk.params)


class Touching(Air):
    """Uses one column."""

    width = 2

    def eval(self, builder):
        builder.assert_zero(builder.common().local[0])


def touching(**attributes):
    air = Touching()
    for name, value in attributes.items():
        setattr(air, name, value)
    return air


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"width": 2**31}, 'AIR "Touching" has 2147483648 columns, at most 2^22 = 4194304 are possible'),
        ({"width": 2**22 + 1}, "has 4194305 columns"),
        ({"cached_widths": [2**22]}, "has 4194306 columns"),
        ({"cached_widths": [2**32 - 1] * 8}, "has 4294967295 columns"),
        ({"num_public_values": 2**31}, "has 2147483648 public values"),
        ({"cached_widths": itertools.repeat(1)}, "more than 65536 cached parts"),
        ({"width": DIGITS}, "width must be integers from 0 to 2^32 - 1"),
        ({"width": None}, "width must be integers from 0 to 2^32 - 1, not None"),
        ({"cached_widths": 5}, "cached_widths must be a list with one width per cached part"),
        ({"cached_widths": None}, "cached_widths must be a list with one width per cached part"),
        ({"cached_widths": "12"}, "cached_widths must be a list with one width per cached part"),
        ({"name": None}, "Touching: name must be a text of Unicode, not None"),
        ({"name": b"x"}, "name must be a text of Unicode"),
        ({"name": "\ud800"}, r"name must be a text of Unicode, not '\ud800'"),
    ],
)
def test_shape_of_an_air(attributes, text):
    with pytest.raises(sw.KeygenError, match=re.escape(text)):
        sw.keygen(SMALL, [touching(**attributes)], device="reference")


def test_missing_eval():
    class Silent(Air):
        width = 1

    with pytest.raises(sw.KeygenError, match=re.escape("Silent must define eval(self, builder)")):
        sw.keygen(SMALL, [Silent()], device="reference")


def text_of_error(body, error=ExpressionError):
    """The error of an eval made of `body`, which must name the only line of `body`."""

    class Wrong(Air):
        width = 2

        def preprocessed(self):
            return np.zeros((4, 1), dtype=np.uint32)

        def eval(self, builder):
            body(builder, builder.main().local[0])

    with pytest.raises(error) as info:
        Wrong().definition()
    assert isinstance(info.value, sw.KeygenError)
    first = inspect.getsourcelines(body)[1]
    where, text = str(info.value).split(": ", 1)
    assert where == f"{__file__}:{first}", info.value
    return text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lambda b, e: e + None, "expected an expression or an integer, not NoneType"),
        (lambda b, e: None - e, "expected an expression or an integer, not NoneType"),
        (lambda b, e: b.when(None), "expected an expression or an integer, not NoneType"),
        (lambda b, e: b.assert_zero(None), "expected an expression or an integer, not NoneType"),
        (lambda b, e: b.assert_eq(e, None), "expected an expression or an integer, not NoneType"),
        (lambda b, e: b.assert_zero(b.main()), "not Window; a cell of a window x is x.local[0] or x.next[0]"),
        (lambda b, e: b.assert_zero(b.main().local), "not Row; a cell of a row x is x[0]"),
        (lambda b, e: b.assert_zero(e.square), "call it"),
        (lambda b, e: b.assert_zeros(None), "expected a list of expressions"),
        (lambda b, e: b.assert_bools(e), "expected a list of expressions"),
        (lambda b, e: b.cached(None), "the index of a cached part must be an integer from 0"),
        (lambda b, e: b.main()[0], "write .local[0] for this row or .next[0] for the next"),
        (lambda b, e: b.main().local[None], "is named by an integer or a slice"),
        (lambda b, e: b.preprocessed.local, "write, for example, builder.preprocessed().local[0]"),
        (lambda b, e: b.main[0], "without calling it"),
        (lambda b, e: b.push_interaction(0, None, 1, 1), "the fields of an interaction must be a list"),
        (lambda b, e: b.push_interaction(0, e, 1, 1), "the fields of an interaction must be a list"),
        (lambda b, e: b.push_interaction(0, range(10**12), 1, 1), "more than 65536"),
        (lambda b, e: b.push_interaction(None, [e], 1, 1), "bus must be an integer from 0 to 65535"),
        (lambda b, e: LookupBus("0").lookup_key(b, [e], 1), "bus must be an integer from 0 to 65535"),
        (lambda b, e: e.powers(-1), "the number of powers must be an integer from 0 to 65536"),
        (lambda b, e: e.powers(10**12), "the number of powers must be an integer from 0 to 65536"),
        (lambda b, e: e.powers(None), "the number of powers must be an integer from 0 to 65536"),
        (lambda b, e: powers(e, 2**16 + 1), "the number of powers must be an integer from 0 to 65536"),
        (lambda b, e: powers(3, 2), "powers of int; give an expression"),
        (lambda b, e: e.exp_power_of_2(10**18), "an exponent must be an integer from 0 to 64"),
        (lambda b, e: e**None, "an exponent must be an integer from 0"),
        (lambda b, e: 2**e, "an expression cannot be an exponent"),
        (lambda b, e: e < e, "expressions have no order"),
        (lambda b, e: e >= None, "expressions have no order"),
        (lambda b, e: e == None, "use builder.assert_eq"),  # noqa: E711
        (lambda b, e: int(e), "an expression is no number"),
        (lambda b, e: float(e), "an expression is no number"),
        (lambda b, e: abs(e), "an expression is no number"),
        (lambda b, e: ~e, "write 1 - x"),
        (lambda b, e: e % 2, "cannot be divided"),
        (lambda b, e: 1 // e, "cannot be divided"),
        (lambda b, e: e & 1, "use x * y, xor, andn"),
        (lambda b, e: e << 1, "mul_2exp"),
        (lambda b, e: sum_of(None), "the terms of a sum must be a list of expressions, not NoneType"),
        (lambda b, e: product(e), "the factors of a product must be a list of expressions, not Expr"),
        (lambda b, e: dot([e], 5), "the right side of a dot product must be a list of expressions, not int"),
        (lambda b, e: dot([e], []), "a dot product of 1 with 0 elements"),
        (lambda b, e: bits_to_number(None), "the bits of a number must be a list of expressions"),
        (lambda b, e: bits_to_number([]), "a number needs at least one bit"),
    ],
)
def test_use_of_expressions(body, expected):
    assert expected in text_of_error(body)


def test_the_most_powers_are_possible():
    class Powers(Air):
        width = 1

        def eval(self, builder):
            taken = builder.main().local[0].powers(2**16)
            assert len(taken) == 2**16
            builder.assert_zero(taken[1])

    assert Powers().definition().degree == 1
