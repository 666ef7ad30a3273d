"""Expressions and the builder: the DAGs of protocol parts 02 and 09, source lines, errors that name them."""

from __future__ import annotations

import inspect

import numpy as np
import openswirl as sw
import pytest
from openswirl import air as air_module
from openswirl.air import Air, ColumnError, ExpressionError, LookupBus, PermutationBus
from openswirl.airs import (
    DummyInteraction,
    Fibonacci,
    FibonacciSelector,
    PartitionedSum,
    PreprocessedCached,
    SelfInteraction,
    Synthetic,
    Uniform,
)
from openswirl.airs.uniform import AirShape

OPERATORS = {"add": "+", "sub": "-", "mul": "*"}


def listing(air: Air) -> list[str]:
    """One text per node in the notation of part 09: M0[1]', P[0], pub[2], 'sub 5 6 d1'."""
    return [node_text(node) for node in air.definition().nodes()]


def node_text(node: dict) -> str:
    if node["op"] == "var":
        kind, part, offset, index = node["var"]
        base = {"main": f"M{part}", "preprocessed": "P", "public": "pub"}[kind]
        return f"{base}[{index}]" + "'" * offset
    if node["op"] == "const":
        value = node["value"]
        return f"const {value - 2013265921 if value > 2**30 else value}"
    if node["op"] == "neg":
        return f"neg {node['i']} d{node['deg']}"
    if node["op"] in OPERATORS:
        return f"{node['op']} {node['l']} {node['r']} d{node['deg']}"
    return {"is_first_row": "first", "is_last_row": "last", "is_transition": "trans"}[node["op"]]


def interactions(air: Air) -> list[tuple[list[int], int]]:
    return [(entry["message"], entry["count"]) for entry in air.definition().interactions()]


def recorded(width: int, body, **attributes) -> Air:
    """An AIR of one common part whose eval is `body(builder, local, next)`."""

    class Recorded(Air):
        def eval(self, builder):
            body(builder, *builder.main())

    air = Recorded()
    air.width = width
    for name, value in attributes.items():
        setattr(air, name, value)
    return air


def constraint_nodes(body, width: int = 3) -> list[str]:
    return listing(recorded(width, body))


class TestListings:
    def test_part_02_check_case(self):
        def body(builder, local, next):
            x, y, z = local
            builder.assert_zero(x + -y)
            builder.assert_zero(0 - x)
            builder.assert_zero(0 - -x)
            builder.assert_zero(x * 0)
            builder.assert_zero(((x * y) * 0 + x) * z)
            builder.assert_zero(x * z)
            builder.assert_zero(-(-x))  # noqa: B002
            builder.assert_zero(0 + -y)
            builder.assert_zero(x)

        air = recorded(3, body)
        assert listing(air) == [
            "M0[0]", "M0[1]", "neg 1 d1", "sub 0 1 d1", "const 0", "sub 4 0 d1", "neg 0 d1", "add 4 0 d1",
            "mul 0 1 d2", "M0[2]", "mul 0 9 d3", "mul 0 9 d2", "neg 6 d1",
        ]  # fmt: skip
        definition = air.definition()
        assert definition.constraint_idx == [0, 2, 3, 4, 5, 7, 10, 11, 12]
        assert definition.degree == 3

    def test_fibonacci(self):
        assert listing(Fibonacci()) == [
            "first", "M0[0]", "pub[0]", "sub 1 2 d1", "mul 0 3 d2", "M0[1]", "pub[1]", "sub 5 6 d1",
            "mul 0 7 d2",
            "trans", "M0[0]'", "sub 5 10 d1", "mul 9 11 d2", "add 1 5 d1", "M0[1]'", "sub 13 14 d1",
            "mul 9 15 d2",
            "last", "pub[2]", "sub 5 18 d1", "mul 17 19 d2",
        ]  # fmt: skip
        assert Fibonacci().definition().unused_variables() == []

    @pytest.mark.parametrize("lookup", [False, True])
    def test_fibonacci_selector(self, lookup):
        air = FibonacciSelector([1, 0], lookup=lookup)
        nodes = [
            "first", "M0[0]", "pub[0]", "sub 1 2 d1", "mul 0 3 d2", "M0[1]", "pub[1]", "sub 5 6 d1",
            "mul 0 7 d2",
            "trans", "P[0]", "M0[0]'", "sub 5 11 d1", "mul 10 12 d2", "mul 9 13 d3", "const 1",
            "sub 10 15 d1",
            "sub 1 11 d1", "mul 16 17 d2", "mul 9 18 d3", "add 1 5 d1", "M0[1]'", "sub 20 21 d1",
            "mul 10 22 d2",
            "mul 9 23 d3", "sub 5 21 d1", "mul 16 25 d2", "mul 9 26 d3", "last", "pub[2]", "sub 5 29 d1",
            "mul 28 30 d2",
        ]  # fmt: skip
        assert listing(air) == nodes + ["neg 10 d1"] * lookup
        definition = air.definition()
        assert definition.constraint_idx == [4, 8, 14, 19, 24, 27, 31]
        assert interactions(air) == [([20], 32)] * lookup
        assert definition.degree == 3
        assert definition.unused_variables() == [["preprocessed", 0, 1, 0]]

    def test_dummy_interaction(self):
        assert listing(DummyInteraction(1, True)) == ["M0[1]", "M0[0]"]
        assert interactions(DummyInteraction(1, True)) == [([0], 1)]
        assert listing(DummyInteraction(1, False)) == ["M0[1]", "const -1", "M0[0]", "mul 1 2 d1"]
        assert interactions(DummyInteraction(1, False)) == [([0], 3)]
        assert listing(DummyInteraction(1, True, partitioned=True)) == ["M0[0]", "M1[0]"]
        partitioned = DummyInteraction(1, False, partitioned=True)
        assert listing(partitioned) == ["M0[0]", "const -1", "M1[0]", "mul 1 2 d1"]
        assert not partitioned.definition().need_rot

    def test_self_interaction(self):
        air = SelfInteraction(4, bus=9)
        assert listing(air) == [
            "M0[0]", "M0[1]", "M0[2]", "M0[3]", "const 1", "M0[0]'", "M0[1]'", "M0[2]'", "M0[3]'", "const -1",
            "const 0", "add 0 1 d1", "add 11 2 d1", "add 12 3 d1", "neg 13 d1", "neg 5 d1",
        ]  # fmt: skip
        assert interactions(air) == [
            ([0, 1, 2, 3], 4), ([5, 6, 7, 8], 9), ([0, 1, 2, 3], 13), ([5, 6, 7, 8], 14),
            ([0, 1, 2, 3], 0), ([5, 6, 7, 8], 15), ([3, 2, 1, 0], 13), ([8, 7, 6, 5], 14),
        ]  # fmt: skip
        assert {(entry["bus"], entry["count_weight"]) for entry in air.definition().interactions()} == {
            (9, 1)
        }

    def test_preprocessed_cached(self):
        one = PreprocessedCached([1, 0], 1)
        nodes = [
            "P[0]", "const 1", "sub 0 1 d1", "mul 0 2 d2", "first", "M1[0]", "mul 4 5 d2", "trans", "M1[0]'",
            "sub 8 5 d1", "sub 9 1 d1", "mul 7 10 d2", "add 5 0 d1", "M0[0]", "sub 12 13 d1", "P[0]'",
            "add 8 15 d1",
            "M0[0]'", "sub 16 17 d1", "mul 7 18 d2",
        ]  # fmt: skip
        assert listing(one) == nodes
        assert one.definition().constraint_idx == [3, 6, 11, 14, 19]
        two = PreprocessedCached([1, 0], 2)
        nodes[5], nodes[8] = "M2[0]", "M2[0]'"
        nodes += [
            "add 13 0 d1",
            "M1[0]",
            "sub 20 21 d1",
            "add 17 15 d1",
            "M1[0]'",
            "sub 23 24 d1",
            "mul 7 25 d2",
        ]
        assert listing(two) == nodes
        assert two.definition().constraint_idx == [3, 6, 11, 14, 19, 22, 26]

    def test_partitioned_sum(self):
        air = PartitionedSum(3)
        assert listing(air) == [
            "M1[0]", "const 0", "M0[0]", "M0[1]", "add 2 3 d1", "M0[2]", "add 4 5 d1", "sub 0 6 d1",
        ]  # fmt: skip

    def test_uniform(self):
        air = Uniform(3, 4 / 3, 4 / 3)
        assert (air.num_constraints, air.num_pairs) == (4, 2)
        assert listing(air) == [
            "M0[0]", "const 1", "sub 0 1 d1", "mul 0 2 d2", "M0[1]", "sub 4 1 d1", "mul 4 5 d2", "M0[2]",
            "sub 7 1 d1", "mul 7 8 d2", "const -1",
        ]  # fmt: skip
        assert air.definition().constraint_idx == [3, 6, 9]
        assert interactions(air) == [([0], 1), ([0], 10), ([4], 1), ([4], 10)]
        assert (Uniform().num_constraints, Uniform().num_pairs) == (20, 3)

    def test_synthetic(self):
        shape = AirShape(
            log_height=3, common_main=6, num_constraints=7, num_interactions=3, max_constraint_degree=3,
            num_buses=2,
            message_lengths=[3, 3, 3], count_weights=[0, 1, 0],
        )  # fmt: skip
        air = Synthetic(shape)
        nodes = []
        for cell in ["M0[0]", "M0[1]", "M0[2]", "M0[3]", "M0[4]", "M0[5]", "M0[0]'"]:
            at = len(nodes)
            nodes += [cell, f"mul {at} 0 d2", f"mul {at + 1} 0 d3"]
        assert listing(air) == [*nodes, "const -1", "mul 21 0 d1"]
        definition = air.definition()
        assert definition.constraint_idx == [2, 5, 8, 11, 14, 17, 20]
        assert interactions(air) == [([3, 6, 9], 0), ([3, 6, 9], 22), ([3, 6, 9], 0)]
        assert [entry["bus"] for entry in definition.interactions()] == [0, 1, 0]
        assert [variable[3] for variable in definition.unused_variables()] == [1, 2, 3, 4, 5]


class TestOperations:
    def test_trees_of_methods(self):
        def first(make):
            return constraint_nodes(lambda builder, local, next: builder.assert_zero(make(*local)))

        assert first(lambda x, y, z: x.double()) == ["M0[0]", "add 0 0 d1"]
        assert first(lambda x, y, z: x.cube()) == ["M0[0]", "mul 0 0 d2", "mul 1 0 d3"]
        assert first(lambda x, y, z: x**4) == ["M0[0]", "mul 0 0 d2", "mul 1 1 d4"]
        assert first(lambda x, y, z: x.exp_power_of_2(2)) == ["M0[0]", "mul 0 0 d2", "mul 1 1 d4"]
        assert first(lambda x, y, z: x.exp_u64(5)) == [
            "const 1",
            "M0[0]",
            "mul 1 1 d2",
            "mul 2 2 d4",
            "mul 1 3 d5",
        ]
        assert first(lambda x, y, z: x.exp_const(5)) == ["M0[0]", "mul 0 0 d2", "mul 1 1 d4", "mul 2 0 d5"]
        assert first(lambda x, y, z: x.andn(y)) == ["const 1", "M0[0]", "sub 0 1 d1", "M0[1]", "mul 2 3 d2"]
        assert first(lambda x, y, z: x.bool_check()) == ["M0[0]", "const 1", "sub 0 1 d1", "mul 0 2 d2"]
        assert first(lambda x, y, z: x.halve()) == ["M0[0]", "const 1006632961", "mul 0 1 d1"]
        assert first(lambda x, y, z: x.div_2exp(1) - y.halve()) == [
            "M0[0]", "const 1006632961", "mul 0 1 d1", "M0[1]", "mul 3 1 d1", "sub 2 4 d1",
        ]  # fmt: skip
        assert first(lambda x, y, z: x.mul_2exp(1)) == ["M0[0]", "const 1", "const 2", "mul 0 2 d1"]
        xor3 = first(lambda x, y, z: x.xor3(y, z))
        assert xor3 == first(lambda x, y, z: x.xor(y).xor(z))
        assert xor3 == [
            "M0[0]", "M0[1]", "add 0 1 d1", "add 1 1 d1", "mul 0 3 d2", "sub 2 4 d2", "M0[2]", "add 5 6 d2",
            "add 6 6 d1", "mul 5 8 d3", "sub 7 9 d3",
        ]  # fmt: skip

    def test_folds(self):
        def first(make):
            return constraint_nodes(lambda builder, local, next: builder.assert_zero(make(builder, *local)))

        assert first(lambda b, x, y, z: sw.sum([x, y, z])) == [
            "M0[0]",
            "M0[1]",
            "add 0 1 d1",
            "M0[2]",
            "add 2 3 d1",
        ]
        # Python's own sum leaves its 0 behind.
        assert first(lambda b, x, y, z: sum([x, y]))[0] == "const 0"
        assert first(lambda b, x, y, z: b.constant(air_module.sum([]))) == ["const 0"]
        assert first(lambda b, x, y, z: air_module.product([x, y])) == ["M0[0]", "M0[1]", "mul 0 1 d2"]
        assert first(lambda b, x, y, z: air_module.dot([x, y], [z, z])) == [
            "M0[0]", "M0[2]", "mul 0 1 d2", "M0[1]", "mul 3 1 d2", "add 2 4 d2",
        ]  # fmt: skip
        assert first(lambda b, x, y, z: air_module.bits_to_number([x, y])) == [
            "M0[1]", "add 0 0 d1", "M0[0]", "add 1 2 d1",
        ]  # fmt: skip
        assert first(lambda b, x, y, z: air_module.powers(x, 3)[2]) == ["const 1", "M0[0]", "mul 1 1 d2"]

    def test_constants_are_taken_mod_p(self):
        p = 2013265921
        for value, expected in [
            (True, 1), (-1, -1), (p, 0), (p + 5, 5), (-p - 2, -2), (1 << 80, pow(2, 80, p)), (-(1 << 80),
            -pow(2, 80, p)),
            (np.uint32(7), 7), (np.int64(-3), -3), (np.uint64(2**64 - 1), (2**64 - 1) % p),
        ]:  # fmt: skip
            nodes = constraint_nodes(
                lambda b, local, next, value=value: b.assert_zero(local[0] - b.constant(value))
            )
            text = f"const {expected % p if expected % p <= 2**30 else expected % p - p}"
            assert nodes[1:2] == [text] or (expected == 0 and nodes == ["M0[0]", "const 0"])

    def test_operand_order_is_kept_with_integers_and_numpy_scalars(self):
        for two in (2, np.int64(2), np.uint32(2)):
            assert constraint_nodes(lambda b, local, next, two=two: b.assert_zero(two - local[0])) == [
                "const 2", "M0[0]", "sub 0 1 d1",
            ]  # fmt: skip
            assert constraint_nodes(lambda b, local, next, two=two: b.assert_zero(two * local[0])) == [
                "const 2", "M0[0]", "mul 0 1 d1",
            ]  # fmt: skip

    def test_filters_and_helpers(self):
        def body(builder, local, next):
            x, y, z = local
            builder.when(x).when(y).assert_zero(z)
            builder.when_ne(x, y).assert_one(z)
            builder.assert_zeros([x, y])
            builder.when_last_row().assert_bools([x, y])
            builder.assert_tern(z)

        nodes = constraint_nodes(body)
        assert nodes[:5] == ["M0[0]", "M0[1]", "M0[2]", "mul 1 2 d2", "mul 0 3 d3"]
        assert nodes[5:9] == ["sub 0 1 d1", "const 1", "sub 2 6 d1", "mul 5 7 d2"]
        assert nodes[9:] == [
            "last", "sub 0 6 d1", "mul 0 10 d2", "mul 9 11 d3", "sub 1 6 d1", "mul 1 13 d2", "mul 9 14 d3",
            "mul 2 7 d2", "const 2", "sub 2 17 d1", "mul 16 18 d3",
        ]  # fmt: skip

    def test_buses(self):
        def body(builder, local, next):
            x, y, z = local
            LookupBus(3).lookup_key(builder, [x, y], z)
            LookupBus(3).add_key_with_lookups(builder, [x, 5], z)
            PermutationBus(4).send(builder, [x], 1)
            PermutationBus(4).receive(builder, [x], 1)
            PermutationBus(4).send_or_receive(builder, False, [x], z)
            PermutationBus(4).interact(builder, [x], y)

        air = recorded(3, body)
        entries = [
            (e["bus"], e["message"], e["count"], e["count_weight"]) for e in air.definition().interactions()
        ]
        assert listing(air) == ["M0[0]", "M0[1]", "M0[2]", "const 5", "neg 2 d1", "const 1", "const -1"]
        assert entries == [
            (3, [0, 1], 2, 1), (3, [0, 3], 4, 0), (4, [0], 5, 1), (4, [0], 6, 1), (4, [0], 4, 1), (4, [0],
            1, 1),
        ]  # fmt: skip

    def test_rows(self):
        def body(builder, local, next):
            assert len(local) == 3
            assert [str(cell) for cell in local[1:]] == ["main[1]", "main[2]"]
            assert [str(cell) for cell in next[::-2]] == ["main.next[2]", "main.next[0]"]
            assert str(local[-1]) == "main[2]"
            assert str(local[np.int64(1)]) == "main[1]"
            assert str(builder.is_first_row() * (local[0] - 1)) == "is_first_row * (main[0] - 1)"
            assert (builder.is_last_row() * builder.is_transition()).degree == 2
            builder.assert_zero(local[0])

        recorded(3, body).definition()

    def test_a_very_deep_expression(self):
        def body(builder, local, next):
            x = local[0]
            for _ in range(200_000):
                x = x * 1 + local[1]
            builder.assert_zero(x)
            str(x)

        assert recorded(2, body).definition().num_nodes == 200_003


def line_of(marker: str) -> str:
    """ "file:line" of the line of this file with the marker comment."""
    source = inspect.getsource(inspect.getmodule(line_of)).splitlines()
    number = next(i for i, line in enumerate(source, 1) if line.rstrip().endswith(f"# {marker}"))
    return f"{__file__}:{number}"


class TestSourceLines:
    def test_constraints_and_interactions_know_their_lines(self):
        def body(builder, local, next):
            builder.assert_bool(local[0])  # second in the key
            builder.assert_zero(local[0])  # first in the key
            LookupBus(0).lookup_key(builder, [local[0]], 1)  # the lookup

        description = recorded(1, body).describe()
        assert [constraint.source for constraint in description.constraints] == [
            line_of("first in the key"), line_of("second in the key"),
        ]  # fmt: skip
        assert description.interactions[0].source == line_of("the lookup")
        assert description.constraints[1].text == "main[0] * (main[0] - 1)"
        assert line_of("the lookup") in str(description)
        assert description.main_width == 1

    def fails(self, body, marker, error=ExpressionError, **attributes):
        with pytest.raises(error) as info:
            recorded(2, body, **attributes).definition()
        assert isinstance(info.value, sw.KeygenError)
        assert str(info.value).startswith(line_of(marker) + ": ")
        return str(info.value)

    def test_wrong_column(self):
        def body(builder, local, next):
            builder.assert_zero(next[2])  # wrong column

        text = self.fails(body, "wrong column", ColumnError)
        assert 'index 2 in the common main: AIR "Recorded" has 2' in text

    def test_wrong_public_value(self):
        def body(builder, local, next):
            builder.public_values[1]  # wrong public value

        assert "public values" in self.fails(body, "wrong public value", ColumnError, num_public_values=1)

    def test_wrong_cached_part(self):
        def body(builder, local, next):
            builder.cached(0)  # wrong part

        assert "0 cached parts" in self.fails(body, "wrong part", ColumnError)

    def test_missing_preprocessed(self):
        def body(builder, local, next):
            builder.preprocessed()  # no preprocessed

        assert "no preprocessed trace" in self.fails(body, "no preprocessed", sw.KeygenError)

    def test_wrong_operand(self):
        def body(builder, local, next):
            local[0] + 0.5  # wrong operand

        assert "not float" in self.fails(body, "wrong operand")

    def test_wrong_assertion(self):
        def body(builder, local, next):
            builder.assert_eq(local[0], "1")  # wrong assertion

        assert "not str" in self.fails(body, "wrong assertion")

    def test_truth_value(self):
        def body(builder, local, next):
            if local[0]:  # truth value
                pass

        assert "truth value" in self.fails(body, "truth value")

    def test_comparison(self):
        def body(builder, local, next):
            builder.assert_zero(local[0] == 1)  # comparison

        assert "assert_eq" in self.fails(body, "comparison")

    def test_division(self):
        def body(builder, local, next):
            local[0] / 2  # division

        assert "halve" in self.fails(body, "division")

    def test_negative_exponent(self):
        def body(builder, local, next):
            local[0] ** -1  # exponent

        assert "exponent" in self.fails(body, "exponent")

    def test_interaction_through_a_filter(self):
        def body(builder, local, next):
            builder.when(local[0]).push_interaction(0, [local[1]], 1, 1)  # filtered interaction

        assert "when" in self.fails(body, "filtered interaction", sw.KeygenError)

    def test_bus_and_weight_out_of_range(self):
        def bus(builder, local, next):
            builder.push_interaction(65536, [local[1]], 1, 1)  # bus range

        def weight(builder, local, next):
            builder.push_interaction(0, [local[1]], 1, -1)  # weight range

        assert "bus must be an integer from 0 to 65535" in self.fails(bus, "bus range")
        assert "count_weight must be an integer from 0 to 4294967295" in self.fails(weight, "weight range")

    def test_expression_of_another_air(self):
        kept = []
        recorded(1, lambda builder, local, next: kept.append(local[0])).definition()

        def body(builder, local, next):
            builder.assert_eq(local[0], kept[0])  # foreign

        assert "another AIR" in self.fails(body, "foreign")

    def test_main_of_several_parts(self):
        def body(self, builder):
            builder.main()  # several parts

        air = type("Several", (Air,), {"eval": body, "common_width": 1, "cached_widths": (1, 1)})()
        with pytest.raises(sw.KeygenError, match="has 3 main parts; use") as info:
            air.definition()
        assert str(info.value).startswith(line_of("several parts"))


class TestDeclarations:
    def test_name_is_that_of_the_class_unless_given(self):
        class Named(Air):
            name = "other"

        class Child(Named):
            pass

        assert Fibonacci().name == "Fibonacci"
        assert Named().name == "other"
        assert Child().name == "Child"

    def test_a_single_cached_part_is_the_main_part(self):
        class CachedOnly(Air):
            common_width = 0
            cached_widths = (1,)

            def eval(self, builder):
                builder.assert_zero(builder.main().local[0])

        assert listing(CachedOnly()) == ["M0[0]"]

    @pytest.mark.parametrize("width", [-1, "2", 1.5, 1 << 32])
    def test_widths_that_are_no_counts(self, width):
        with pytest.raises(sw.KeygenError, match="width must be integers"):
            recorded(width, lambda *_: None).definition()

    @pytest.mark.parametrize(
        "array", [[[1]], np.zeros((2, 1)), np.zeros(2, np.uint32), np.zeros((2, 2), np.uint32)[:, :1]]
    )
    def test_preprocessed_arrays_are_never_converted(self, array):
        air = recorded(
            1, lambda builder, local, next: builder.assert_zero(local[0]), preprocessed=lambda: array
        )
        with pytest.raises(sw.KeygenError, match='AIR "Recorded": the preprocessed trace'):
            air.definition()

    def test_eval_must_be_defined(self):
        class Silent(Air):
            width = 1

        with pytest.raises(sw.KeygenError, match="Silent must define eval"):
            Silent().definition()

    def test_description(self):
        text = str(FibonacciSelector([1, 0], lookup=True).describe())
        assert "FibonacciSelector: degree 3, columns 2 common + 1 preprocessed, 3 public values" in text
        assert "is_transition * (preprocessed[0] * (main[1] - main.next[0])) = 0  (degree 3)" in text
        assert "bus 0, (main[0] + main[1]) x -preprocessed[0], weight 0" in text
