import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.ids import OutOfDate
from bot.ui.sheets import PAGE_LIMIT, ROWS_A_PAGE, Row, csv_bytes, pack_hash, page_at, pages_of, unpack_hash


@given(st.binary(min_size=32, max_size=32))
def test_a_packed_hash_comes_back(digest: bytes) -> None:
    packed = pack_hash(digest.hex())
    assert len(packed) == 43
    assert unpack_hash(packed, "close") == digest.hex()


@pytest.mark.parametrize("packed", ["***", "ñ", "a", "a b", "\n"])
def test_what_is_no_hash_is_out_of_date(packed: str) -> None:
    with pytest.raises(OutOfDate) as refused:
        unpack_hash(packed, "close")
    assert refused.value.action == "close"


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=300), max_size=120), st.integers(1, PAGE_LIMIT))
def test_every_row_stands_on_exactly_one_page_in_order(texts: list[str], first_limit: int) -> None:
    pages = pages_of([Row(text) for text in texts], first_limit=first_limit)
    assert [text for page in pages for text in page] == texts
    for page in pages[1:]:
        assert 1 <= len(page) <= ROWS_A_PAGE
        assert sum(len(text) + 1 for text in page) <= PAGE_LIMIT
    assert len(pages[0]) <= ROWS_A_PAGE


def test_a_page_that_begins_inside_a_group_repeats_its_heading() -> None:
    rows = [Row("Ana"), *(Row(f"line {n}", "Ana, continued") for n in range(20))]
    first, second = pages_of(rows)
    assert first[0] == "Ana"
    assert second == ("Ana, continued", *(f"line {n}" for n in range(14, 20)))


def test_a_page_that_does_not_exist_is_the_nearest_one() -> None:
    pages = [("a",), ("b",)]
    assert page_at(pages, -3).rows == ("a",)
    assert page_at(pages, 99).rows == ("b",)
    assert (page_at(pages, 99).number, page_at(pages, 99).page_count) == (2, 2)


def test_a_file_keeps_numbers_and_neutralises_formulas() -> None:
    content = csv_bytes(["=A"], [["-3.50", "=1+1"], ["+5", '@x"y'], ["-cmd", "plain"]]).decode()
    assert content == "\ufeff=A\r\n-3.50,'=1+1\r\n'+5,\"'@x\"\"y\"\r\n'-cmd,plain\r\n"
