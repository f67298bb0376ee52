"""Keys of several values are told apart again, whatever the values hold."""

from hypothesis import given
from hypothesis import strategies as st

from dq_pipeline.measures.keys import key_of, values_of

WORDS = st.text(st.sampled_from("ab|\\\n ,"), max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=3))
def test_the_values_of_a_key_are_those_it_was_made_of(values):
    by = ",".join(f"dim_{place}" for place in range(len(values)))
    assert values_of(key_of(values), by) == tuple(values)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=9, unique=True))
def test_no_two_cells_have_one_key(cells):
    assert len({key_of(cell) for cell in cells}) == len(cells)
